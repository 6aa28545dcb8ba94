package dev.canonica.cli;

import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.unet.TextConditioned;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;

/** The arrays of an input file, asked for by name, kind and shape. */
final class ModelInputs {
    private final Path file;
    private final Map<String, Tensor> arrays;
    private final DenoisingModel model;
    private final DType type;

    /**
     * The arrays of a file.
     *
     * @param others names that may be there beside the model's own
     */
    ModelInputs(Path file, Map<String, Tensor> arrays, Set<String> others, DenoisingModel model, DType type) {
        this.file = file;
        this.arrays = arrays;
        this.model = model;
        this.type = type;
        Set<String> known = new TreeSet<>(Set.of(
                model.arguments().input(), model.arguments().timestep(), model.arguments().condition(), "tangents", "cotangents", "loss_weights"));
        if (model.classes() == 0) {
            known.remove(model.arguments().condition());
        }
        if (model instanceof TextConditioned) {
            known.add(TextInputs.NEGATIVE);
        }
        known.addAll(others);
        for (String name : arrays.keySet()) {
            if (!known.contains(name)) {
                throw new ModelException(file + ": unknown array '" + name + "'; known: " + String.join(", ", known));
            }
        }
    }

    DType type() {
        return type;
    }

    /** The differentiated input [B, C, H, W]. */
    Tensor sample() {
        String name = model.arguments().input();
        Tensor x = real(name);
        if (x.rank() != 4 || !model.accepts(x.shape().slice(1, 4))) {
            throw new ModelException(
                    "%s: array '%s' has shape %s, needed %s".formatted(file, name, x.shape(), model.acceptedShapes()));
        }
        return x;
    }

    /** Timesteps [B]; one value serves all. */
    double[] timesteps(int batch) {
        return repeated(model.arguments().timestep(), array(model.arguments().timestep()).toDoubles(), batch);
    }

    /** Classes [B]; all 0 for a model without any. The texts of a text-conditional model are its classes, one serving all. */
    long[] classes(int batch) {
        if (model instanceof TextConditioned) {
            if (model.classes() != batch && model.classes() != 1) {
                throw new ModelException("%s: array '%s' has %d texts, needed 1 or %d"
                        .formatted(file, model.arguments().condition(), model.classes(), batch));
            }
            return model.classes() == 1
                    ? new long[batch]
                    : LongStream.range(0, batch).toArray();
        }
        if (model.classes() == 0) {
            return new long[batch];
        }
        Tensor y = array(model.arguments().condition());
        if (y.dtype().isFloating()) {
            throw new ModelException(
                    file + ": array '" + model.arguments().condition() + "' has type " + y.dtype() + ", integers are needed");
        }
        double[] all = repeated(model.arguments().condition(), y.toDoubles(), batch);
        long[] classes = Arrays.stream(all).mapToLong(d -> (long) d).toArray();
        for (long c : classes) {
            if (c < 0 || c > model.nullClass()) {
                throw new ModelException("%s: array '%s': class %d does not lie in [0, %d]"
                        .formatted(file, model.arguments().condition(), c, model.nullClass()));
            }
        }
        return classes;
    }

    /** An array of a block of K directions at a value of this shape. */
    Tensor block(String name, Shape point) {
        Tensor t = real(name);
        if (t.rank() != point.rank() + 1 || !t.shape().slice(1, t.rank()).equals(point)) {
            throw new ModelException(
                    "%s: array '%s' has shape %s, needed [K, *%s]".formatted(file, name, t.shape(), point));
        }
        return t;
    }

    /** An array of exactly this shape. */
    Tensor exactly(String name, Shape shape) {
        Tensor t = real(name);
        if (!t.shape().equals(shape)) {
            throw new ModelException("%s: array '%s' has shape %s, needed %s".formatted(file, name, t.shape(), shape));
        }
        return t;
    }

    private Tensor real(String name) {
        Tensor t = array(name);
        if (!t.dtype().isFloating()) {
            throw new ModelException(file + ": array '" + name + "' has type " + t.dtype() + ", a real type is needed");
        }
        return t.to(type);
    }

    private Tensor array(String name) {
        Tensor t = arrays.get(name);
        if (t == null) {
            throw new ModelException(file + ": array '" + name + "' is missing");
        }
        return t;
    }

    private double[] repeated(String name, double[] values, int batch) {
        if (values.length == 1 && batch > 1) {
            double[] all = new double[batch];
            Arrays.fill(all, values[0]);
            return all;
        }
        if (values.length != batch) {
            throw new ModelException(
                    "%s: array '%s' has %d values, needed %d".formatted(file, name, values.length, batch));
        }
        return values;
    }
}
