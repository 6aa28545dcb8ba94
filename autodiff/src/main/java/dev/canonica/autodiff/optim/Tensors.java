package dev.canonica.autodiff.optim;

import dev.canonica.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Tensors by name, in a fixed order. */
final class Tensors {
    /** The name of the number of steps taken, in a state. */
    private static final String STEP = "step";

    private Tensors() {}

    static Map<String, Tensor> ordered(Map<String, Tensor> tensors) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /** Zeros of the same names, shapes and types. */
    static Map<String, Tensor> zeros(Map<String, Tensor> like) {
        Map<String, Tensor> zeros = new LinkedHashMap<>();
        like.forEach((name, t) -> zeros.put(name, Tensor.zeros(t.device(), t.dtype(), t.shape())));
        return Collections.unmodifiableMap(zeros);
    }

    /** Copies of the same names, shapes and types. */
    static Map<String, Tensor> copies(Map<String, Tensor> of) {
        Map<String, Tensor> copies = new LinkedHashMap<>();
        of.forEach((name, t) -> copies.put(
                name, Tensor.uninitialised(t.device(), t.dtype(), t.shape()).assign(t)));
        return Collections.unmodifiableMap(copies);
    }

    /** Checks that {@code given} has the names, shapes and types of {@code needed}, no more and no fewer. */
    static void check(String what, Map<String, Tensor> needed, Map<String, Tensor> given) {
        needed.forEach((name, n) -> {
            Tensor g = given.get(name);
            if (g == null) {
                throw new IllegalArgumentException(what + " '" + name + "' is missing");
            }
            if (!g.shape().equals(n.shape()) || g.dtype() != n.dtype()) {
                throw new IllegalArgumentException(what + " '" + name + "' is " + g.dtype() + " " + g.shape()
                        + ", needed " + n.dtype() + " " + n.shape());
            }
        });
        for (String name : given.keySet()) {
            if (!needed.containsKey(name)) {
                throw new IllegalArgumentException(what + " '" + name + "' belongs to no parameter");
            }
        }
    }

    static void checkDevice(String operation, String name, Tensor parameter, Tensor gradient) {
        if (parameter.device() != gradient.device()) {
            throw new IllegalArgumentException(operation + ": '" + name + "' is on " + parameter.device()
                    + ", its gradient on " + gradient.device());
        }
    }

    static void checkScale(String operation, double gradientScale) {
        if (!Double.isFinite(gradientScale)) {
            throw new IllegalArgumentException(
                    operation + ": the gradient scale is " + gradientScale + "; are the gradients finite?");
        }
    }

    /** Copies {@code source} into the tensors of a state {@code target} once all have been checked, and returns the steps taken. */
    static long restore(String what, Map<String, Tensor> target, Map<String, Tensor> source) {
        check(what, target, source);
        target.forEach((name, t) -> {
            if (!name.equals(STEP)) {
                t.assign(get(source, name));
            }
        });
        return get(source, STEP).toLongs()[0];
    }

    /** A state: the number of steps taken, and groups of tensors, each under its group's name, a dot and its own. */
    static Map<String, Tensor> state(long step, Map<String, Map<String, Tensor>> groups) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put(STEP, Tensor.of(new long[] {step}));
        groups.forEach((group, tensors) -> tensors.forEach((name, t) -> state.put(group + "." + name, t)));
        return Collections.unmodifiableMap(state);
    }

    /** The tensor of a name that a check has found. */
    static Tensor get(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }
}
