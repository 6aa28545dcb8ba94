package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
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
        try (Scope scope = Scope.open()) {
            return scope.keep(not(below(x, y)).times(ordered(x, y)));
        }
    }

    /** [x ≤ y]. */
    public static Tensor lessOrEqual(Tensor x, Tensor y) {
        return greaterOrEqual(y, x);
    }

    /** [x = y]. */
    public static Tensor equal(Tensor x, Tensor y) {
        try (Scope scope = Scope.open()) {
            return scope.keep(not(below(x, y).plus(below(y, x))).times(ordered(x, y)));
        }
    }

    /** [x ≠ y], which holds wherever one is NaN. */
    public static Tensor notEqual(Tensor x, Tensor y) {
        try (Scope scope = Scope.open()) {
            return scope.keep(not(equal(x, y)));
        }
    }

    /** [x is NaN]. */
    public static Tensor isNaN(Tensor x) {
        try (Scope scope = Scope.open()) {
            return scope.keep(not(number(x)));
        }
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
        Shape s = Shape.broadcast(
                "where",
                Shape.broadcast("where", mask.shape(), x.shape()),
                Shape.broadcast("where", mask.shape(), y.shape()));
        try (Scope scope = Scope.open()) {
            Tensor chosen = positive(mask, x);
            Tensor z = x.broadcastTo(s).zip(Binary.WHERE_POSITIVE, chosen);
            return scope.keep(z.plus(y.broadcastTo(s).zip(Binary.WHERE_POSITIVE, not(chosen))));
        }
    }

    /** [mask &gt; 0] of any type, on any device, asked before it is rounded: of the type and on the device of another tensor. */
    public static Tensor positive(Tensor mask, Tensor like) {
        try (Scope scope = Scope.open()) {
            Tensor m = mask.to(like.device());
            Tensor real = m.dtype().isReal() ? m : m.to(DType.F64);
            return scope.keep(real.map(Unary.STEP).to(like.dtype()));
        }
    }

    /** [x &lt; y]: differences of numbers are never rounded to 0; ∞ − ∞ is NaN, which is not above 0. */
    private static Tensor below(Tensor x, Tensor y) {
        try (Scope scope = Scope.open()) {
            return scope.keep(y.minus(x).map(Unary.STEP));
        }
    }

    private static Tensor ordered(Tensor x, Tensor y) {
        return number(x).times(number(y));
    }

    /** [x is a number]: max(x, 0) + 1 is at least 1, or NaN. */
    private static Tensor number(Tensor x) {
        return x.map(Unary.RELU).plus(1).map(Unary.STEP);
    }
}
