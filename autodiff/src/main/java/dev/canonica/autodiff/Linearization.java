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
    private static final int ANY = -1;

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
        int directions = directions("push", tangents);
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
        return orZero(output < 0 ? new Tensor[inputs.length] : trace.pull(output, u, inputs), u.dim(0));
    }

    private Tensor[] orZero(@Nullable Tensor[] parts, int directions) {
        List<Tensor> result = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            Tensor t = parts[i];
            Shape s = trace.shape(inputs[i]).prepend(directions);
            result.add(t != null ? t : Tensor.zeros(value.device(), value.dtype(), s));
        }
        return result.toArray(new Tensor[0]);
    }

    /**
     * The derivative of {@link #pull}, as the point moves along K directions: the products H(u) V, with H(u) the Hessian of ⟨u, f⟩ at x. For a scalar f and u = 1
     * these are Hessian-vector products. It takes about the time of a push and two pulls of K directions, and keeps every tangent from the first to the second.
     *
     * @param cotangent u, of the shape [1, *y]: one, not a block of K; [1] of a scalar f
     * @param tangents V, one per input, [K, *xᵢ]; null stands for zero
     * @return one per input, [K, *xᵢ]
     * @throws IllegalStateException if this was made by {@code linearize}, not by {@link Autodiff#linearizeTwice}
     * @throws IllegalArgumentException if a shape does not fit, or a primitive on the way has no second derivative; the message names it
     */
    public Tensor[] hessianPush(Tensor cotangent, @Nullable Tensor... tangents) {
        if (!trace.isCurved()) {
            throw new IllegalStateException(
                    "hessianPush: linearizeTwice keeps what second derivatives need, linearize does not");
        }
        int directions = directions("hessianPush", tangents);
        check("hessianPush: cotangent", cotangent, value.shape(), 1);
        @Nullable
        Tensor[] pushed =
                output < 0 ? new Tensor[inputs.length] : trace.hessianPush(inputs, tangents, output, cotangent);
        return orZero(pushed, directions);
    }

    /** The number of directions of tangents, which are checked. */
    private int directions(String operation, @Nullable Tensor... tangents) {
        if (tangents.length != inputs.length) {
            throw new IllegalArgumentException(
                    operation + ": " + tangents.length + " tangents for " + inputs.length + " inputs");
        }
        int directions = -1;
        for (int i = 0; i < inputs.length; i++) {
            Tensor v = tangents[i];
            if (v != null) {
                check(operation + ": tangent", v, trace.shape(inputs[i]));
                if (directions >= 0 && directions != v.dim(0)) {
                    throw new IllegalArgumentException(
                            operation + ": blocks of " + directions + " and " + v.dim(0) + " directions");
                }
                directions = v.dim(0);
            }
        }
        if (directions < 0) {
            throw new IllegalArgumentException(operation + ": at least one tangent needed");
        }
        return directions;
    }

    private void check(String what, Tensor t, Shape point) {
        check(what, t, point, ANY);
    }

    /** A block of this many directions of a point. */
    private void check(String what, Tensor t, Shape point, int directions) {
        Shape s = t.shape();
        boolean fits = s.rank() == point.rank() + 1 && s.slice(1, s.rank()).equals(point);
        if (!fits || directions != ANY && s.dim(0) != directions) {
            String count = directions == ANY ? "K" : Integer.toString(directions);
            String needed = point.rank() == 0
                    ? "[" + count + "]"
                    : "[" + count + ", " + point.toString().substring(1);
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
