package dev.canonica.tensor;

import dev.canonica.tensor.function.Unary;
import org.jspecify.annotations.Nullable;

/**
 * Powers of two that bring numbers near 1, for arithmetic that squares them: F32's squares leave its range from 10^±19 on, F64's from 10^±154. A power of two changes
 * no digit of what stays a normal number.
 */
public final class Magnitudes {
    private Magnitudes() {}

    /** Exponents of numbers whose squares, summed, stay far within a type's range. */
    public static int far(DType type) {
        return type == DType.F64 ? 400 : 40;
    }

    /** The exponents of a type's normal numbers are −{@code most} … {@code most}. */
    public static int most(DType type) {
        return type == DType.F64 ? Double.MAX_EXPONENT - 1 : Float.MAX_EXPONENT - 1;
    }

    /**
     * 2^−e for numbers of which the greatest is 2^e or somewhat more: a normal number of the type, as is its reciprocal. 1 where |e| is at most {@code far}, and where
     * the greatest is 0 or not finite.
     */
    public static double near(double greatest, DType type, int far) {
        if (!(greatest > 0) || Double.isInfinite(greatest)) {
            return 1;
        }
        int e = Math.getExponent(greatest);
        return Math.abs(e) <= far ? 1 : Math.scalb(1.0, Math.clamp(-e, -most(type), most(type)));
    }

    /** The greatest magnitude of all elements; 0 if there are none. */
    public static double greatest(Tensor x) {
        if (x.size() == 0) {
            return 0;
        }
        try (Scope _ = Scope.open()) {
            return x.map(Unary.ABS).reshape(-1).max(0).item();
        }
    }

    /**
     * {@link #near} of each row, to multiply it by: [..., n] to [..., 1]; null where no row needs it. Where x lies on another device, it is waited for.
     */
    public static @Nullable Tensor ofRows(Tensor x) {
        if (x.size() == 0) {
            return null;
        }
        double[] near;
        try (Scope _ = Scope.open()) {
            near = x.map(Unary.ABS).max(-1).toDoubles();
        }
        boolean needed = false;
        for (int i = 0; i < near.length; i++) {
            near[i] = near(near[i], x.dtype(), far(x.dtype()));
            needed |= near[i] != 1;
        }
        return needed
                ? Tensor.of(near, x.shape().with(-1, 1).dims()).to(x.dtype()).to(x.device())
                : null;
    }
}
