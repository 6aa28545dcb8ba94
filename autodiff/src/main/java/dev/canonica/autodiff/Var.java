package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A value in a computation that may be differentiated: a tensor, and its place in a {@link Trace} if it depends on what is differentiated.
 * Code written on variables runs as plain tensor code where nothing is differentiated: it then records nothing and keeps nothing.
 *
 * <p>As with {@link Tensor}, element-wise operations broadcast as in NumPy, axes may be counted from the end (−1 is the last), and the operands of one
 * operation have one type and one device; what does not fit is an {@link IllegalArgumentException} that names the operation and the shapes.
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
     * The output of a primitive: how one is made, here and outside of this project. Its derivative is asked for only where an input is
     * differentiated, and recorded then.
     *
     * <pre>
     *   // y = x², dy = 2x ⊙ dx
     *   static Var square(Var x) {
     *       return Var.record("square", x.value().times(x.value()), () -> LinearMap.diagonal(x.value().times(2)), x);
     *   }
     * </pre>
     *
     * @param primitive the name that errors give
     * @param value y, the primitive's value at those of the inputs
     * @param map makes the derivative there; it may keep what the value was computed from, and is not called where nothing is differentiated
     * @param inputs what y depends on, in the order of the map's tangents
     * @throws IllegalArgumentException if the inputs belong to different differentiations
     */
    public static Var record(String primitive, Tensor value, Supplier<LinearMap> map, Var... inputs) {
        return record(primitive, value, map, () -> null, inputs);
    }

    /**
     * As {@link #record(String, Tensor, Supplier, Var...)}, for a primitive that is linear, or piecewise so: its second derivative is 0.
     *
     * @throws IllegalArgumentException if the inputs belong to different differentiations
     */
    public static Var recordLinear(String primitive, Tensor value, Supplier<LinearMap> map, Var... inputs) {
        return record(primitive, value, map, () -> Curvature.NONE, inputs);
    }

    /**
     * As {@link #record(String, Tensor, Supplier, Var...)}, with the second derivative.
     *
     * @param curvature makes it; asked only where it is wanted ({@link Autodiff#linearizeTwice}), so that else nothing is kept for it. Null says that there is none: to ask
     *     for it is then an error that names the primitive
     * @throws IllegalArgumentException if the inputs belong to different differentiations
     */
    public static Var record(
            String primitive,
            Tensor value,
            Supplier<LinearMap> map,
            Supplier<? extends @Nullable Curvature> curvature,
            Var... inputs) {
        Trace trace = null;
        for (Var x : inputs) {
            if (x.trace != null) {
                if (trace != null && trace != x.trace) {
                    throw new IllegalArgumentException(primitive + ": inputs belong to different traces");
                }
                trace = x.trace;
            }
        }
        return trace == null
                ? constant(value)
                : trace.record(primitive, value, map.get(), trace.isCurved() ? curvature.get() : null, inputs);
    }

    /**
     * The derivative by this input, for {@link LinearMap#sum}; null where this is not differentiated, so that a rule keeps no tensor that it will
     * not need.
     *
     * @param push Jᵢ: tangents of this [K, *x] to what they add to that of the output [K, *y]
     * @param pull Jᵢᵀ: cotangents of the output [K, *y] to those of this [K, *x]
     */
    public LinearMap.@Nullable Partial partial(UnaryOperator<Tensor> push, UnaryOperator<Tensor> pull) {
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

    /** this ⊘ y. */
    public Var divide(Var y) {
        return Arithmetic.divide(this, y);
    }

    /** this + s. */
    public Var plus(double s) {
        return Arithmetic.shift(this, s);
    }

    /** −this. */
    public Var negate() {
        return Arithmetic.scale(this, -1);
    }

    /** The greater of this and y. */
    public Var max(Var y) {
        return Arithmetic.max(this, y);
    }

    /** The smaller of this and y. */
    public Var min(Var y) {
        return Arithmetic.min(this, y);
    }

    /** Each element brought into [low, high], where the derivative is 1; beyond it is 0. */
    public Var clamp(double low, double high) {
        return Selections.clamp(this, low, high);
    }

    /** x^p of each element. */
    public Var pow(double p) {
        return Powers.pow(this, p);
    }

    /** Products of matrices: [..., m, k] × [..., k, n] → [..., m, n]. */
    public Var matmul(Var b) {
        return Matrices.matmul(this, b);
    }

    /** A linear layer this wᵀ + b: [..., in] with w [out, in] and b [out] → [..., out]. */
    public Var linear(Var w, Var b) {
        return Matrices.linear(this, w, b);
    }

    /** eˣ of each element. */
    public Var exp() {
        return Activations.exp(this);
    }

    /** ln x of each element. */
    public Var log() {
        return Activations.log(this);
    }

    /** √x of each element. */
    public Var sqrt() {
        return Activations.sqrt(this);
    }

    /** x² of each element. */
    public Var square() {
        return Activations.square(this);
    }

    /** |x| of each element. */
    public Var abs() {
        return Activations.abs(this);
    }

    /** sin x of each element. */
    public Var sin() {
        return Activations.sin(this);
    }

    /** cos x of each element. */
    public Var cos() {
        return Activations.cos(this);
    }

    /** tanh x of each element. */
    public Var tanh() {
        return Activations.tanh(this);
    }

    /** 1/(1 + e⁻ˣ) of each element. */
    public Var sigmoid() {
        return Activations.sigmoid(this);
    }

    /** max(x, 0) of each element. */
    public Var relu() {
        return Activations.relu(this);
    }

    /** x σ(x) of each element. */
    public Var silu() {
        return Activations.silu(this);
    }

    /** erf x of each element. */
    public Var erf() {
        return Activations.erf(this);
    }

    /** The tanh form of GELU of each element; {@link Activations#exactGelu} is GELU itself. */
    public Var gelu() {
        return Activations.gelu(this);
    }

    /** Softmax along the last axis. */
    public Var softmax() {
        return Normalisation.softmax(this);
    }

    /** Softmax along an axis. */
    public Var softmax(int axis) {
        return Normalisation.softmax(this, axis);
    }

    /** The logarithm of softmax along an axis. */
    public Var logSoftmax(int axis) {
        return Normalisation.logSoftmax(this, axis);
    }

    /** The logarithm of softmax along the last axis. */
    public Var logSoftmax() {
        return Normalisation.logSoftmax(this);
    }

    /** Sum of all elements, a scalar. */
    public Var sum() {
        return Reductions.sumAll(this);
    }

    /** Sum along an axis, which is dropped. */
    public Var sum(int axis) {
        return Reductions.sum(this, axis);
    }

    /** Sum along several axes, which are dropped. */
    public Var sum(int... axes) {
        return Reductions.sum(this, axes);
    }

    /** Mean of all elements, a scalar. */
    public Var mean() {
        return Reductions.meanAll(this);
    }

    /** Mean along an axis, which is dropped. */
    public Var mean(int axis) {
        return Reductions.mean(this, axis);
    }

    /** Mean along several axes, which are dropped. */
    public Var mean(int... axes) {
        return Reductions.mean(this, axes);
    }

    /** The greatest of all elements, a scalar; ties and NaN as {@link Reductions#max(Var)}. */
    public Var max() {
        return Reductions.max(reshape(Math.toIntExact(value.size())));
    }

    /** The least of all elements, a scalar; ties and NaN as {@link Reductions#max(Var)}. */
    public Var min() {
        return negate().max().negate();
    }

    /** Greatest along axes, which are dropped. */
    public Var max(int... axes) {
        return Reductions.max(this, axes);
    }

    /** Least along axes, which are dropped. */
    public Var min(int... axes) {
        return Reductions.min(this, axes);
    }

    /** The product along an axis, which is dropped. */
    public Var prod(int axis) {
        return Statistics.prod(this, axis);
    }

    /** Running sums along an axis. */
    public Var cumulativeSum(int axis) {
        return Statistics.cumulativeSum(this, axis);
    }

    /** The last two axes exchanged. */
    public Var transpose() {
        return Layouts.transpose(this);
    }

    /** The same elements under another shape; one extent may be −1. */
    public Var reshape(int... dims) {
        return Layouts.reshape(this, dims);
    }

    /** Axes in another order: axis i of the result is axis {@code axes[i]} of this. */
    public Var permute(int... axes) {
        return Layouts.permute(this, axes);
    }

    /** Entries [from, to) along an axis. */
    public Var slice(int axis, int from, int to) {
        return Layouts.slice(this, axis, from, to);
    }

    /** Entries of an axis by index (I64 [n]), in the order of the indices: the axis has the extent n then. */
    public Var take(int axis, Tensor index) {
        return Indexing.take(this, axis, index);
    }

    /** The entries of axes from the last to the first. */
    public Var flip(int... axes) {
        return Layouts.flip(this, axes);
    }

    /** The entries of an axis moved on by so many places, back by negative ones; those that leave at one end come in at the other. */
    public Var roll(int axis, int places) {
        return Layouts.roll(this, axis, places);
    }

    /** A new axis of extent 1 at this place; −1 puts it last. */
    public Var unsqueeze(int axis) {
        return Layouts.unsqueeze(this, axis);
    }

    /** Without an axis of extent 1. */
    public Var squeeze(int axis) {
        return Layouts.squeeze(this, axis);
    }

    @Override
    public String toString() {
        return (isActive() ? "Var " : "constant ") + value;
    }
}
