package dev.canonica.autodiff;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.RealFunctions;
import dev.canonica.tensor.operation.Scans;

/** Products, variances and sums of exponentials along axes, which are dropped, and running sums. */
public final class Statistics {
    private Statistics() {}

    /**
     * The product along an axis, by halves: y = Π xⱼ, of none 1. Where elements are 0, the derivative is what it is in mathematics: of one zero the product of the
     * others, for nothing is divided.
     */
    public static Var prod(Var x, int axis) {
        int a = x.shape().axis(axis);
        Tensor tx = x.value();
        if (x.dim(a) == 0) {
            return Var.constant(Tensor.full(tx.device(), tx.dtype(), x.shape().without(a), 1));
        }
        Var y = x;
        while (y.dim(a) > 1) {
            int n = y.dim(a);
            int half = n / 2;
            Var pairs = y.slice(a, 0, half).times(y.slice(a, half, 2 * half));
            y = n % 2 == 0 ? pairs : Layouts.concatenate(a, pairs, y.slice(a, n - 1, n));
        }
        return y.reshape(x.shape().without(a).dims());
    }

    /**
     * The variance along axes, n of whose elements meet.
     *
     * <pre>
     *   y = Σ (x − mean x)² / (n − correction)
     * </pre>
     *
     * @param correction 0 for the mean square, 1 for Bessel's estimate (which PyTorch takes unless told otherwise)
     * @throws IllegalArgumentException if n is not above the correction
     */
    public static Var variance(Var x, int correction, int... axes) {
        int[] each = Axes.of("variance", x.shape(), axes);
        int n = Axes.size(x.shape(), each);
        if (correction < 0 || n <= correction) {
            throw new IllegalArgumentException("variance: more elements than the correction needed, not " + n + " and "
                    + correction + ": shape " + x.shape());
        }
        Var moved = x.minus(Var.constant(
                first(x.value(), each))); // so that equal elements have the variance 0, not that of a rounded mean
        Var centred = moved.minus(Axes.kept(Reductions.mean(moved, each), x.shape(), each));
        return Reductions.sum(centred.square(), each).times(1.0 / (n - correction));
    }

    /** The first element of each row. */
    private static Tensor first(Tensor x, int... axes) {
        Tensor first = x;
        for (int axis : axes) {
            first = first.slice(axis, 0, 1);
        }
        return first;
    }

    /**
     * The square root of {@link #variance}.
     *
     * <pre>
     *   y = √var x      dy = dvar/(2y)
     * </pre>
     *
     * <p>Where all elements are equal, which is no point of differentiability, y is 0 and so are both derivatives: 0 is a subgradient there, and what {@link Reductions#norm} and PyTorch have.
     */
    public static Var standardDeviation(Var x, int correction, int... axes) {
        Var variance = variance(x, correction, axes);
        Tensor y = variance.value().map(Unary.SQRT);
        return Var.record(
                "standardDeviation",
                y,
                () -> LinearMap.diagonal(
                        Powers.orZero(Powers.isZero(y), y.map(Unary.RECIPROCAL).times(0.5))),
                () -> Curvature.diagonal(
                        Powers.orZero(Powers.isZero(y), RealFunctions.pow(y, -3).times(-0.25))),
                variance);
    }

    /**
     * The logarithm of a sum of exponentials along axes.
     *
     * <pre>
     *   y = m + log Σ exp(x − m)  with m = max x      dy = ⟨softmax(x), dx⟩
     * </pre>
     */
    public static Var logSumExp(Var x, int... axes) {
        int[] each = Axes.of("logSumExp", x.shape(), axes);
        Var rows = Axes.joinedLast(x, each);
        Shape s = rows.shape();
        Tensor tx = x.value();
        double bound = tx.dtype() == DType.F64 ? Double.MAX_VALUE : Float.MAX_VALUE;
        Tensor limit = Tensor.full(tx.device(), tx.dtype(), Shape.SCALAR, bound);
        Tensor m = rows.value().max(-1).zip(Binary.MIN, limit).zip(Binary.MAX, limit.negate()); // ∞ − ∞ is no number
        Var shifted = rows.minus(Var.constant(m.reshape(s.with(-1, 1))));
        return Reductions.sum(shifted.exp(), -1).log().plus(Var.constant(m));
    }

    /**
     * Running sums along an axis.
     *
     * <pre>
     *   y[j] = Σ_{i ≤ j} x[i]      dy: the same of dx      x̄[i] = Σ_{j ≥ i} u[j]
     * </pre>
     */
    public static Var cumulativeSum(Var x, int axis) {
        int a = x.shape().axis(axis);
        return Var.recordLinear(
                "cumulativeSum",
                Scans.cumulativeSum(x.value(), a),
                () -> LinearMap.of(d -> Scans.cumulativeSum(d, a + 1), u -> Scans.cumulativeSumReversed(u, a + 1)),
                x);
    }
}
