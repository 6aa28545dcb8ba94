package dev.canonica.cli.item;

import dev.canonica.models.DenoisingModel;
import dev.canonica.models.unet.TextConditioned;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;

/** A diffusion model's forward arguments in an input file, by the reference's names. */
public final class ModelInputs {
    private final InputArrays arrays;
    private final DenoisingModel model;
    private final String condition;

    /**
     * The arguments in a file.
     *
     * @param others names of arrays that may be there beside the model's own
     */
    public ModelInputs(InputArrays arrays, Set<String> others, DenoisingModel model) {
        this.arrays = arrays;
        this.model = model;
        this.condition = model.arguments().condition();
        Set<String> known = new HashSet<>(others);
        known.addAll(Set.of(
                model.arguments().input(), model.arguments().timestep(), "tangents", "cotangents", "loss_weights"));
        if (model.classes() > 0) {
            known.add(condition);
        }
        if (model instanceof TextConditioned) {
            known.add(TextInputs.NEGATIVE);
        }
        arrays.onlyOf(known);
    }

    /** The differentiated input [B, C, H, W]. */
    public Tensor sample() {
        String name = model.arguments().input();
        Tensor x = arrays.real(name);
        if (x.rank() != 4 || !model.accepts(x.shape().slice(1, 4))) {
            throw arrays.refused(name, "has shape " + x.shape() + ", needed " + model.acceptedShapes());
        }
        return x;
    }

    /** Timesteps [B]; one value serves all. */
    double[] timesteps(int batch) {
        return repeated(model.arguments().timestep(), batch);
    }

    /** Classes [B]; all 0 for a model without any. The texts of a text-conditional model are its classes, one serving all. */
    public long[] classes(int batch) {
        if (model instanceof TextConditioned) {
            if (model.classes() != batch && model.classes() != 1) {
                throw arrays.refused(condition, "has %d texts, needed 1 or %d".formatted(model.classes(), batch));
            }
            return model.classes() == 1
                    ? new long[batch]
                    : LongStream.range(0, batch).toArray();
        }
        if (model.classes() == 0) {
            return new long[batch];
        }
        Tensor y = arrays.any(condition);
        if (y.dtype().isFloating()) {
            throw arrays.refused(condition, "has type " + y.dtype() + ", integers are needed");
        }
        long[] classes = Arrays.stream(repeated(condition, batch))
                .mapToLong(d -> (long) d)
                .toArray();
        for (long c : classes) {
            if (c < 0 || c > model.lastClass()) {
                throw arrays.refused(
                        "array '%s': class %d does not lie in [0, %d]".formatted(condition, c, model.lastClass()));
            }
        }
        return classes;
    }

    private double[] repeated(String name, int batch) {
        double[] values = arrays.any(name).toDoubles();
        if (values.length == 1 && batch > 1) {
            double[] all = new double[batch];
            Arrays.fill(all, values[0]);
            return all;
        }
        if (values.length != batch) {
            throw arrays.refused(name, "has %d values, needed %d".formatted(values.length, batch));
        }
        return values;
    }
}
