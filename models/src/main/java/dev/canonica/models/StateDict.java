package dev.canonica.models;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Parameters by name: their expected shapes, and the check of what a checkpoint brings. */
public final class StateDict {
    private StateDict() {}

    /** Names and shapes, put together in the order of the network. */
    public static final class Shapes {
        private final Map<String, Shape> map = new LinkedHashMap<>();

        /** A parameter. */
        public Shapes put(String name, int... dims) {
            map.put(name, Shape.of(dims));
            return this;
        }

        /** {@code name.weight} [out, in] and {@code name.bias} [out]. */
        public Shapes linear(String name, int in, int out) {
            return put(name + ".weight", out, in).put(name + ".bias", out);
        }

        /** All of them. */
        public Map<String, Shape> map() {
            return Collections.unmodifiableMap(map);
        }
    }

    /**
     * The parameters in the order of {@code shapes}.
     *
     * @throws ModelException if one is missing, unknown or of another shape; the message names it
     */
    public static Map<String, Tensor> checked(String model, Map<String, Shape> shapes, Map<String, Tensor> parameters) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            Tensor t = parameters.get(name);
            if (t == null) {
                throw new ModelException(
                        model + ": tensor '" + name + "' " + shape + " is missing from the checkpoint");
            }
            if (!t.shape().equals(shape)) {
                throw new ModelException(
                        model + ": tensor '" + name + "' has shape " + t.shape() + ", needed " + shape);
            }
            if (!t.dtype().isFloating()) {
                throw new ModelException(
                        model + ": tensor '" + name + "' has type " + t.dtype() + ", a real type is needed");
            }
            result.put(name, t.dtype().isReal() ? t : t.to(DType.F32));
        });
        for (String name : parameters.keySet()) {
            if (!shapes.containsKey(name)) {
                throw new ModelException(
                        model + ": tensor '" + name + "' of the checkpoint is not one of this model's");
            }
        }
        return Collections.unmodifiableMap(result);
    }

    /** The parameters in another type; those that are not real numbers stay what they are, for {@link #checked} to refuse. */
    public static Map<String, Tensor> converted(Map<String, Tensor> parameters, DType dtype) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        parameters.forEach((name, t) -> result.put(name, t.dtype().isFloating() ? t.to(dtype) : t));
        return result;
    }
}
