package dev.canonica.models;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parameters by name: their expected shapes, and the check of what a checkpoint brings. */
public final class StateDict {
    private StateDict() {}

    /** Names and shapes, put together in the order of the network. */
    public static final class Shapes {
        private final Map<String, Shape> map = new LinkedHashMap<>();
        private final Set<String> fixed = new LinkedHashSet<>();
        private final Set<String> buffers = new LinkedHashSet<>();

        /** A network of no parameters yet. */
        public Shapes() {}

        /** A parameter by its name in the state dict, and its extents. */
        public Shapes put(String name, int... dims) {
            map.put(name, Shape.of(dims));
            return this;
        }

        /** A parameter that training leaves as it is. */
        public Shapes putFixed(String name, int... dims) {
            fixed.add(name);
            return put(name, dims);
        }

        /** State that training changes in other ways than by gradients. */
        public Shapes putBuffer(String name, int... dims) {
            buffers.add(name);
            return put(name, dims);
        }

        /** The parameters that training leaves as they are. */
        public Set<String> fixed() {
            return Collections.unmodifiableSet(fixed);
        }

        /** The names of what is no parameter. */
        public Set<String> buffers() {
            return Collections.unmodifiableSet(buffers);
        }

        /** All of them. */
        public Map<String, Shape> map() {
            return Collections.unmodifiableMap(map);
        }
    }

    /**
     * The parameters in the order of {@code shapes}.
     *
     * @throws ModelException if one is missing, unknown or of another shape; the message names it, and the file where the tensors come from one
     */
    public static Map<String, Tensor> checked(String model, Map<String, Shape> shapes, Map<String, Tensor> parameters) {
        if (parameters instanceof LazyTensors lazy) {
            return checked(model, shapes, lazy);
        }
        Map<String, Tensor> result = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            Tensor t = parameters.get(name);
            check(model, name, shape, t == null ? null : t.shape(), t == null ? null : t.dtype());
            Objects.requireNonNull(t);
            result.put(name, t.dtype().isReal() ? t : t.to(DType.F32));
        });
        checkNames(model, shapes, parameters);
        return Collections.unmodifiableMap(result);
    }

    /** What a model is called where its tensors are refused: with the file, where they come from one. */
    public static String name(String model, Map<String, Tensor> tensors) {
        return tensors instanceof LazyTensors lazy ? lazy.file() + ": " + model : model;
    }

    /** As {@link #checked}, by what the file's header says: no tensor is read. */
    private static Map<String, Tensor> checked(String name, Map<String, Shape> shapes, LazyTensors lazy) {
        String model = name(name, lazy);
        shapes.forEach((key, shape) -> {
            String unread = lazy.unread(key);
            if (unread != null) {
                throw new ModelException(
                        model + ": tensor '" + key + "' is of type " + unread + ", which is not supported");
            }
            check(model, key, shape, lazy.shape(key), lazy.dtype(key));
        });
        checkNames(model, shapes, lazy);
        return lazy.inOrder(shapes.keySet());
    }

    private static void check(String model, String name, Shape needed, @Nullable Shape shape, @Nullable DType dtype) {
        if (shape == null || dtype == null) {
            throw new ModelException(model + ": tensor '" + name + "' " + needed + " is missing from the checkpoint");
        }
        if (!shape.equals(needed)) {
            throw new ModelException(model + ": tensor '" + name + "' has shape " + shape + ", needed " + needed);
        }
        if (!dtype.isFloating()) {
            throw new ModelException(model + ": tensor '" + name + "' is of type " + dtype
                    + ", which is not supported: weights are real numbers");
        }
    }

    private static void checkNames(String model, Map<String, Shape> shapes, Map<String, Tensor> parameters) {
        for (String name : parameters.keySet()) {
            if (!shapes.containsKey(name)) {
                throw new ModelException(
                        model + ": tensor '" + name + "' of the checkpoint is not one of this model's");
            }
        }
    }

    /** The shape of a tensor, which is not read for it; null if there is none of this name. */
    public static @Nullable Shape shape(Map<String, Tensor> tensors, String name) {
        if (tensors instanceof LazyTensors lazy) {
            return lazy.shape(name);
        }
        Tensor t = tensors.get(name);
        return t == null ? null : t.shape();
    }

    /** Bytes of all tensors; none of them is read for it. */
    public static long bytes(Map<String, Tensor> tensors) {
        if (tensors instanceof LazyTensors lazy) {
            return lazy.bytes();
        }
        return tensors.values().stream()
                .mapToLong(t -> t.size() * t.dtype().bytes())
                .sum();
    }

    /** The tensors whose names do not end like this; none of them is read for it. */
    public static Map<String, Tensor> without(Map<String, Tensor> tensors, String suffix) {
        if (tensors instanceof LazyTensors lazy) {
            Set<String> rest = new LinkedHashSet<>(lazy.keySet());
            rest.removeIf(name -> name.endsWith(suffix));
            return lazy.inOrder(rest);
        }
        Map<String, Tensor> rest = new LinkedHashMap<>(tensors);
        rest.keySet().removeIf(name -> name.endsWith(suffix));
        return rest;
    }

    /**
     * The tensors of a checkpoint, each read and converted when it is first asked for, and kept; integers stay what they are, for {@link #checked} to
     * refuse.
     */
    public static Map<String, Tensor> lazy(Checkpoint checkpoint, DType dtype) {
        return new LazyTensors(checkpoint, dtype);
    }

    /** How a parameter begins, by its name, its shape and a stream of random numbers of its own. */
    @FunctionalInterface
    public interface Initial {
        /** A new tensor of this shape; what it is made of is closed by the caller. */
        Tensor of(String name, Shape shape, Philox random);
    }

    /**
     * What a network begins with: one parameter after the other, the i-th by stream i of the seed. Nothing is left of what they are made of.
     *
     * @param shapes of the parameters, by name, in the order of the network
     */
    public static Map<String, Tensor> initial(Map<String, Shape> shapes, long seed, Initial initial) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            try (Scope scope = Scope.open()) {
                parameters.put(name, scope.keep(initial.of(name, shape, new Philox(seed, parameters.size()))));
            }
        });
        return parameters;
    }

    /** The parameters in another type; those that are not real numbers stay what they are, for {@link #checked} to refuse. */
    public static Map<String, Tensor> converted(Map<String, Tensor> parameters, DType dtype) {
        Map<String, Tensor> result = new LinkedHashMap<>();
        parameters.forEach((name, t) -> result.put(name, t.dtype().isFloating() ? t.to(dtype) : t));
        return result;
    }
}
