package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function's value at a point and its derivative J there, to be applied any number of times: the function itself is never run again.
 */
public final class Linearization {
    private final Trace trace;
    private final int[] inputs;
    private final Tensor value;
    private final int output; // slot, or −1 if the value does not depend on the inputs

    Linearization(Trace trace, List<Var> inputs, Var value) {
        this.trace = trace;
        this.inputs = inputs.stream().mapToInt(Var::slot).toArray();
        this.value = value.value();
        if (value.isActive() && value.trace() != trace) {
            throw new IllegalArgumentException("linearize: the function returned a variable of another function");
        }
        this.output = value.slot();
    }

    /** y = f(x). */
    public Tensor value() {
        return value;
    }

    /**
     * J V for a block of K directions.
     *
     * @param tangents one per input, [K, *xᵢ]; null stands for zero
     * @return [K, *y]
     */
    public Tensor push(@Nullable Tensor... tangents) {
        if (tangents.length != inputs.length) {
            throw new IllegalArgumentException(
                    "push: " + tangents.length + " tangents for " + inputs.length + " inputs");
        }
        int directions = -1;
        for (int i = 0; i < inputs.length; i++) {
            Tensor v = tangents[i];
            if (v != null) {
                check("push: tangent", v, trace.shape(inputs[i]));
                if (directions >= 0 && directions != v.dim(0)) {
                    throw new IllegalArgumentException(
                            "push: blocks of " + directions + " and " + v.dim(0) + " directions");
                }
                directions = v.dim(0);
            }
        }
        if (directions < 0) {
            throw new IllegalArgumentException("push: at least one tangent needed");
        }
        Tensor result = output < 0 ? null : trace.push(inputs, tangents, output);
        return result != null
                ? result
                : Tensor.zeros(value.device(), value.dtype(), value.shape().prepend(directions));
    }

    /**
     * Jᵀ U for a block of K directions.
     *
     * @param u cotangents of y [K, *y]
     * @return one per input, [K, *xᵢ]
     */
    public Tensor[] pull(Tensor u) {
        check("pull: cotangent", u, value.shape());
        List<Tensor> result = new ArrayList<>();
        @Nullable Tensor[] pulled = output < 0 ? new Tensor[inputs.length] : trace.pull(output, u, inputs);
        for (int i = 0; i < inputs.length; i++) {
            Tensor t = pulled[i];
            result.add(
                    t != null
                            ? t
                            : Tensor.zeros(
                                    value.device(),
                                    value.dtype(),
                                    trace.shape(inputs[i]).prepend(u.dim(0))));
        }
        return result.toArray(new Tensor[0]);
    }

    private void check(String what, Tensor t, Shape point) {
        Shape s = t.shape();
        if (s.rank() != point.rank() + 1 || !s.slice(1, s.rank()).equals(point)) {
            String needed =
                    point.rank() == 0 ? "[K]" : "[K, " + point.toString().substring(1);
            throw new IllegalArgumentException(what + " of shape " + s + ", needed " + needed);
        }
        if (t.dtype() != value.dtype()) {
            throw new IllegalArgumentException(what + " of type " + t.dtype() + ", needed " + value.dtype());
        }
        if (t.device() != value.device()) {
            throw new IllegalArgumentException(what + " on " + t.device() + ", needed on " + value.device());
        }
    }
}
