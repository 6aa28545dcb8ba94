package dev.canonica.cli.item;

import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A diffusion model's forward arguments in an input file, by the reference's names. */
public final class ModelInputs {
    private static final String NEGATIVE = "negative_"; // before the name of what stands for no condition in its place

    private final InputArrays arrays;
    private final DenoisingModel model;
    private final String condition;
    private @Nullable Condition made;

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
        for (String name : model.conditioning()) {
            known.add(inFile(name));
            if (!name.equals(Condition.CLASSES)) {
                known.add(NEGATIVE + inFile(name));
            }
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

    /** {@link #sample}, where one sample at least is needed. */
    Tensor samples() {
        Tensor x = sample();
        if (x.dim(0) == 0) {
            throw arrays.refused(model.arguments().input(), "has shape " + x.shape() + ", needed one sample at least");
        }
        return x;
    }

    /** Timesteps [B]; one value serves all. */
    Tensor times(int batch) {
        return DenoisingModel.times(repeated(model.arguments().timestep(), batch));
    }

    /** What the samples are under. One class or text serves all, and so does one that stands for none. */
    public Condition condition(int batch) {
        Condition c = made;
        if (c == null || c.size() != batch) {
            c = model.conditioning().contains(Condition.CLASSES)
                    ? classes(batch)
                    : new Condition(batch, Map.of(), Map.of(), Set.of());
            for (String name : model.conditioning()) {
                c = name.equals(Condition.CLASSES) ? c : with(c, name);
            }
            try {
                model.check(c);
            } catch (ModelException e) {
                throw arrays.refused(String.valueOf(e.getMessage()));
            }
            made = c;
        }
        return c;
    }

    /** In files a number stands for no condition: the one after the classes. */
    private Condition classes(int batch) {
        String name = inFile(Condition.CLASSES);
        Tensor y = arrays.any(name);
        if (y.dtype().isFloating()) {
            throw arrays.refused(name, "has type " + y.dtype() + ", integers are needed");
        }
        long[] classes =
                Arrays.stream(repeated(name, batch)).mapToLong(d -> (long) d).toArray();
        Set<Integer> absent = new HashSet<>();
        for (int i = 0; i < batch; i++) {
            if (classes[i] < 0 || classes[i] > model.lastClass()) {
                throw arrays.refused(
                        "array '%s': class %d does not lie in [0, %d]".formatted(name, classes[i], model.lastClass()));
            }
            if (classes[i] == model.nullClass().orElse(-1)) {
                absent.add(i);
            }
        }
        return Condition.classes(classes).dropping(absent);
    }

    private Condition with(Condition c, String name) {
        String array = inFile(name);
        Condition with = c.with(name, rows(array, c.size()));
        return arrays.has(NEGATIVE + array) ? with.otherwise(name, rows(NEGATIVE + array, c.size())) : with;
    }

    /** The reference's name of what a network is under: one for classes, whatever they are. */
    private String inFile(String name) {
        if (name.equals(Condition.LABELS) || (name.equals(Condition.CLASSES) && condition.equals(Condition.TEXTS))) {
            return "class_labels";
        }
        return name.equals(Condition.CLASSES) ? condition : name;
    }

    private Tensor rows(String name, int batch) {
        Tensor t = arrays.any(name).to(arrays.type()); // numbers, such as timesteps, may be whole
        if (t.rank() == 0 || t.dim(0) != batch && t.dim(0) != 1) {
            throw arrays.refused(
                    name,
                    "has shape %s, needed one for each of %d samples, or one for all".formatted(t.shape(), batch));
        }
        return t.broadcastTo(t.shape().with(0, batch));
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
