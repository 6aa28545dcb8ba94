package dev.canonica.autodiff;

import dev.canonica.tensor.Magnitudes;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.Masks;

/** Sums, means and extremes; {@link Statistics} has what is put together of them. */
public final class Reductions {
    private Reductions() {}

    /** Sum along an axis, which is dropped: y = Σⱼ x[j], dy = Σⱼ dx[j]. The adjoint repeats: x̄[j] = u. */
    public static Var sum(Var x, int axis) {
        int a = x.shape().axis(axis);
        Shape s = x.shape();
        return Var.recordLinear(
                "sum",
                x.value().sum(a),
                () -> LinearMap.of(
                        d -> d.sum(a + 1),
                        u -> u.reshape(s.with(a, 1).prepend(u.dim(0))).broadcastTo(s.prepend(u.dim(0)))),
                x);
    }

    /** Mean along an axis of extent n, which is dropped: y = Σⱼ x[j]/n, dy = Σⱼ dx[j]/n, x̄[j] = u/n. */
    public static Var mean(Var x, int axis) {
        return Arithmetic.scale(sum(x, axis), 1.0 / x.dim(axis));
    }

    /** Sum along several axes, which are dropped. */
    public static Var sum(Var x, int... axes) {
        int[] each = Axes.of("sum", x.shape(), axes);
        Var y = x;
        for (int i = each.length - 1; i >= 0; i--) {
            y = sum(y, each[i]);
        }
        return y;
    }

    /** Mean along several axes, which are dropped. */
    public static Var mean(Var x, int... axes) {
        int[] each = Axes.of("mean", x.shape(), axes);
        return Arithmetic.scale(sum(x, each), 1.0 / Axes.size(x.shape(), each));
    }

    /** Sum of all elements, a scalar: y = Σ xᵢ, dy = Σ dxᵢ, x̄ᵢ = u. */
    public static Var sumAll(Var x) {
        return sum(x.reshape(Math.toIntExact(x.shape().size())), 0);
    }

    /** Mean of all n elements, a scalar: y = Σ xᵢ/n, dy = Σ dxᵢ/n, x̄ᵢ = u/n. */
    public static Var meanAll(Var x) {
        return Arithmetic.scale(sumAll(x), 1.0 / x.shape().size());
    }

    /**
     * The Euclidean norm along the last axis, which is dropped. Where x is 0, which is no point of differentiability, both derivatives are 0.
     *
     * <pre>
     *   y = ‖x‖      dy = ⟨e, dx⟩ with e = x/‖x‖      H(u) v = u (v − e ⟨e, v⟩)/‖x‖
     * </pre>
     */
    public static Var norm(Var x) {
        Tensor near = Magnitudes.ofRows(x.value());
        Tensor y = near == null
                ? x.value().map(Unary.SQUARE).sum(-1).map(Unary.SQRT)
                : x.value()
                        .times(near)
                        .map(Unary.SQUARE)
                        .sum(-1)
                        .map(Unary.SQRT)
                        .divide(near.reshape(x.shape().without(x.shape().axis(-1))));
        return Var.record(
                "norm",
                y,
                () -> {
                    Tensor unit = Normalisation.unit(Var.constant(x.value()), 0).value();
                    Shape s = x.shape();
                    return LinearMap.of(
                            d -> d.times(unit).sum(-1),
                            u -> u.reshape(s.with(-1, 1).prepend(u.dim(0))).times(unit));
                },
                () -> {
                    Tensor unit = Normalisation.unit(Var.constant(x.value()), 0).value();
                    Tensor length = y.reshape(x.shape().with(-1, 1));
                    Tensor positive = length.map(Unary.STEP);
                    Tensor divisor = length.plus(Masks.not(positive));
                    return Curvature.of(
                            (u, v) -> v.minus(unit.times(v.times(unit).sumLast()))
                                    .divide(divisor)
                                    .times(positive)
                                    .times(u.reshape(x.shape().with(-1, 1).prepend(1))));
                },
                x);
    }

    /**
     * Greatest along the last axis, which is dropped; where several are greatest, the derivative is their mean.
     *
     * <pre>
     *   y = maxᵢ xᵢ      dy = ⟨p, dx⟩ with pᵢ = [xᵢ = y] / #{j : xⱼ = y}
     * </pre>
     *
     * <p>Along an axis those that are greatest share the derivative alike; in a window ({@link Pooling#max}) the first has it whole. Where an element is NaN, so is y,
     * and the derivative of all of the axis: p is 0/0. In a window it is the first NaN's.
     */
    public static Var max(Var x) {
        Tensor y = x.value().max(-1);
        return Var.recordLinear(
                "maxLast",
                y,
                () -> {
                    Tensor ties = Masks.equal(x.value(), y.reshape(x.shape().with(-1, 1)));
                    Tensor p = ties.divide(ties.sumLast());
                    Shape s = x.shape();
                    return LinearMap.of(
                            d -> d.times(p).sum(-1),
                            u -> u.reshape(s.with(-1, 1).prepend(u.dim(0))).times(p));
                },
                x);
    }

    /** Greatest along one or several axes, which are dropped; ties and NaN as {@link #max(Var)}. */
    public static Var max(Var x, int... axes) {
        return max(Axes.joinedLast(x, Axes.of("max", x.shape(), axes)));
    }

    /** Least along one or several axes, which are dropped: y = −max(−x), ties and NaN as {@link #max(Var)}. */
    public static Var min(Var x, int... axes) {
        return max(Axes.joinedLast(x.negate(), Axes.of("min", x.shape(), axes))).negate();
    }
}
