package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value in a computation that may be differentiated: a tensor, and its place in a {@link Trace} if it depends on what is differentiated.
 * Code written on variables runs as plain tensor code where nothing is differentiated: it then records nothing and keeps nothing.
 */
public final class Var {
    private final Tensor value;
    private final @Nullable Trace trace;
    private final int slot;

    private Var(Tensor value, @Nullable Trace trace, int slot) {
        this.value = value;
        this.trace = trace;
        this.slot = slot;
    }

    /** A value that nothing is differentiated by. */
    public static Var constant(Tensor value) {
        return new Var(value, null, -1);
    }

    static Var active(Tensor value, Trace trace, int slot) {
        return new Var(value, trace, slot);
    }

    /**
     * The output of a primitive. Its derivative is asked for only where an input is differentiated, and recorded then.
     *
     * @param map makes the derivative at the inputs' values
     */
    static Var record(String primitive, Tensor value, Supplier<LinearMap> map, Var... inputs) {
        Trace trace = null;
        for (Var x : inputs) {
            if (x.trace != null) {
                if (trace != null && trace != x.trace) {
                    throw new IllegalArgumentException(primitive + ": inputs belong to different traces");
                }
                trace = x.trace;
            }
        }
        return trace == null ? constant(value) : trace.record(primitive, value, map.get(), inputs);
    }

    /** A partial derivative, made only if this input is differentiated: so that a rule keeps no tensor that it will not need. */
    LinearMap.@Nullable Partial partial(
            java.util.function.UnaryOperator<Tensor> push, java.util.function.UnaryOperator<Tensor> pull) {
        return isActive() ? new LinearMap.Partial(push, pull) : null;
    }

    /** The tensor. */
    public Tensor value() {
        return value;
    }

    /** Whether this depends on what is differentiated. */
    public boolean isActive() {
        return trace != null;
    }

    /** The shape of the value. */
    public Shape shape() {
        return value.shape();
    }

    /** The extent of an axis of the value. */
    public int dim(int axis) {
        return value.dim(axis);
    }

    int slot() {
        return slot;
    }

    /** The trace that this belongs to, or null for a constant. */
    @Nullable
    Trace trace() {
        return trace;
    }

    /** this + y. */
    public Var plus(Var y) {
        return Arithmetic.add(this, y);
    }

    /** this − y. */
    public Var minus(Var y) {
        return Arithmetic.subtract(this, y);
    }

    /** this ⊙ y. */
    public Var times(Var y) {
        return Arithmetic.multiply(this, y);
    }

    /** s · this. */
    public Var times(double s) {
        return Arithmetic.scale(this, s);
    }

    /** The same elements under another shape; one extent may be −1. */
    public Var reshape(int... dims) {
        return Layouts.reshape(this, dims);
    }

    /** Axes in another order. */
    public Var permute(int... axes) {
        return Layouts.permute(this, axes);
    }

    /** Entries [from, to) along an axis. */
    public Var slice(int axis, int from, int to) {
        return Layouts.slice(this, axis, from, to);
    }

    @Override
    public String toString() {
        return (isActive() ? "Var " : "constant ") + value;
    }
}
