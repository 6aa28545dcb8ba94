package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.LinearMap;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Magnitudes;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/** Matrices of how the rows of a set of features lie to each other, and what they are made of. */
final class Similarities {
    /** Exponents of features whose eighth powers, sums of them included, F32 has. */
    private static final int NEAR = 4;

    private Similarities() {}

    /**
     * Features [n, d] as rows of a mean of 0, near 1: what every kernel of them begins with, so that an offset costs no digits, and squares of products are in range
     * whatever the features' unit.
     */
    static Var centred(Var x) {
        return scaled(withoutMean(scaled(x)));
    }

    /** The mean is taken away twice: what the first leaves of it, by its rounding, would be as much as differences far below an offset. */
    private static Var withoutMean(Var x) {
        Var once = x.minus(x.mean(0).reshape(1, x.dim(1)));
        return once.minus(once.mean(0).reshape(1, x.dim(1)));
    }

    /** Features in the unit of {@link #centred}, with their mean: a power of two brings the differences near 1, and they are as exact as they were. */
    private static Var inUnitOfCentred(Var x) {
        Var near = scaled(x);
        double s = unit(near);
        return s == 1 ? near : near.times(s);
    }

    /** A length in the unit of {@link #centred}, in that of the features x: the powers of two may leave the range when they are multiplied. */
    static double inUnitOf(Var x, double length) {
        return length / unit(scaled(x)) / scale(x.value());
    }

    /** A length in the unit of the features x, in that of {@link #centred}. */
    static double centredLength(Var x, double length) {
        return length * scale(x.value()) * unit(scaled(x));
    }

    /** What brings features that are scaled, without their mean, near 1. */
    private static double unit(Var near) {
        return scale(withoutMean(Var.constant(near.value())).value());
    }

    /** Features brought near 1 by a power of two, which changes no bit but those of exponents. */
    static Var scaled(Var x) {
        double s = scale(x.value());
        return s == 1 ? x : x.times(s);
    }

    /** What brings the greatest element near 1; 1 where it is. */
    private static double scale(Tensor x) {
        return Magnitudes.near(Magnitudes.greatest(x), x.dtype(), NEAR);
    }

    /** Whether the features of all samples are the same numbers. */
    static boolean isConstant(Var x) {
        if (x.dim(0) == 0) {
            return true;
        }
        Tensor near = scaled(Var.constant(x.value())).value();
        return Magnitudes.greatest(near.minus(near.rows(0, 1))) == 0;
    }

    /** Whether what is left of an array is no more than rounding of numbers of a type, which it was computed from. */
    static boolean isRounding(Tensor rest, Tensor of, DType type) {
        return rest.norm() <= 4 * rounding(type) * of.norm();
    }

    /** The distance from 1 to the next number of a type. */
    static double rounding(DType type) {
        return type == DType.F64 ? 0x1p-52 : 0x1p-23;
    }

    /** Checks two sets of features of the same samples. */
    static void check(String loss, Var x, Var y) {
        if (x.shape().rank() != 2 || y.shape().rank() != 2 || x.dim(0) != y.dim(0)) {
            throw new IllegalArgumentException(
                    "%s: features [n, p] and [n, q] of the same samples needed, not %s and %s"
                            .formatted(loss, x.shape(), y.shape()));
        }
    }

    /** Products of rows, K = X Xᵀ: [n, n]. */
    static Var products(Var x) {
        return x.matmul(x.transpose());
    }

    /** Differences of rows, e[i, j] = x[j] − x[i]: [n, n, d]. */
    static Var differences(Var x) {
        int n = x.dim(0);
        int d = x.dim(1);
        Shape all = Shape.of(n, n, d);
        return Layouts.broadcastTo(x.reshape(1, n, d), all).minus(Layouts.broadcastTo(x.reshape(n, 1, d), all));
    }

    /**
     * Squared distances of rows in the unit of {@link #centred}: [n, n]. They are of doubles, and their derivative, too, which leaves the range of F32 at rows that are
     * the same, under a bandwidth far below the others' distances.
     */
    static Var squaredDistances(Var x) {
        return SquaredDistances.of(inType(inUnitOfCentred(x), DType.F64));
    }

    /** The same numbers in another type. */
    static Var inType(Var x, DType type) {
        DType own = x.value().dtype();
        return own == type
                ? x
                : Var.recordLinear(
                        "inType", x.value().to(type), () -> LinearMap.of(v -> v.to(type), u -> u.to(own)), x);
    }

    /** K H and H K, with H = I − 11ᵀ/n: rows and columns of a mean of 0. */
    static Var doubleCentred(Var k) {
        int n = k.dim(0);
        Var rows = k.minus(k.mean(1).reshape(n, 1));
        return rows.minus(rows.mean(0).reshape(1, n));
    }

    /** 1 beside the diagonal, 0 on it. */
    static Var offDiagonal(Tensor like, int n) {
        double[] mask = new double[n * n];
        for (int i = 0; i < n * n; i++) {
            mask[i] = i % (n + 1) == 0 ? 0 : 1;
        }
        return Var.constant(Tensor.of(mask, n, n).to(like.dtype()).to(like.device()));
    }

    /** A scalar that depends on nothing. */
    static Var constant(Tensor like, double value) {
        return Var.constant(Tensor.full(like.device(), like.dtype(), Shape.of(), value));
    }
}
