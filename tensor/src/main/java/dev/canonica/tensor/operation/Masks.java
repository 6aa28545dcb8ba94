package dev.canonica.tensor.operation;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Unary;

/**
 * Comparisons, whose results are masks: tensors of 1 where it holds and 0 where not, of the operands' real type and on their device, so that
 * masks are multiplied, summed and averaged like numbers. Operands broadcast. NaN is not equal to, less or greater than anything, itself included; +0 and −0 are
 * equal, as are infinities of one sign.
 *
 * <p>Masks combine as numbers do: {@code a.times(b)} is <i>and</i>, {@code a.zip(Binary.MAX, b)} is <i>or</i>, {@link #not} is <i>not</i>. Integers are compared by
 * {@link Integers}.
 */
public final class Masks {
    private Masks() {}

    /** [x &gt; y]. */
    public static Tensor greater(Tensor x, Tensor y) {
        return below(y, x);
    }

    /** [x &lt; y]. */
    public static Tensor less(Tensor x, Tensor y) {
        return below(x, y);
    }

    /** [x ≥ y]. */
    public static Tensor greaterOrEqual(Tensor x, Tensor y) {
        return not(below(x, y)).times(ordered(x, y));
    }

    /** [x ≤ y]. */
    public static Tensor lessOrEqual(Tensor x, Tensor y) {
        return greaterOrEqual(y, x);
    }

    /** [x = y]. */
    public static Tensor equal(Tensor x, Tensor y) {
        return not(below(x, y).plus(below(y, x))).times(ordered(x, y));
    }

    /** [x ≠ y], which holds wherever one is NaN. */
    public static Tensor notEqual(Tensor x, Tensor y) {
        return not(equal(x, y));
    }

    /** [x is NaN]. */
    public static Tensor isNaN(Tensor x) {
        return not(number(x));
    }

    /** 1 − mask. */
    public static Tensor not(Tensor mask) {
        return mask.affine(-1, 1);
    }

    /**
     * x where the mask is positive, else y; the three broadcast. What is not chosen leaves no trace, be it NaN or infinite.
     *
     * @param mask of any type, on any device; NaN chooses y
     * @return of x's type
     */
    public static Tensor where(Tensor mask, Tensor x, Tensor y) {
        Tensor m = mask.to(x.device()).to(x.dtype());
        Shape s = Shape.broadcast(
                "where",
                Shape.broadcast("where", m.shape(), x.shape()),
                Shape.broadcast("where", m.shape(), y.shape()));
        Tensor chosen = m.map(Unary.STEP);
        Tensor z = x.broadcastTo(s).zip(Binary.WHERE_POSITIVE, chosen);
        return z.plus(y.broadcastTo(s).zip(Binary.WHERE_POSITIVE, not(chosen)));
    }

    /** [x &lt; y]: differences of numbers are never rounded to 0; ∞ − ∞ is NaN, which is not above 0. */
    private static Tensor below(Tensor x, Tensor y) {
        return y.minus(x).map(Unary.STEP);
    }

    private static Tensor ordered(Tensor x, Tensor y) {
        return number(x).times(number(y));
    }

    /** [x is a number]: max(x, 0) + 1 is at least 1, or NaN. */
    private static Tensor number(Tensor x) {
        return x.map(Unary.RELU).plus(1).map(Unary.STEP);
    }
}
