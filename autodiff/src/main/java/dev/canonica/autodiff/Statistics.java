package dev.canonica.autodiff;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
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
        Var centred = x.minus(Axes.kept(Reductions.mean(x, each), x.shape(), each));
        return Reductions.sum(centred.square(), each).times(1.0 / (n - correction));
    }

    /** The square root of {@link #variance}: y = √var x, dy = dvar/(2y). Where that is 0, it has no derivative: what is pulled there is NaN or infinite. */
    public static Var standardDeviation(Var x, int correction, int... axes) {
        return variance(x, correction, axes).sqrt();
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
