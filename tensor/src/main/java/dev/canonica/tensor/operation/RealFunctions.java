package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Unary;

/** Functions of elements that are put together of others, in double precision whatever the type, so that results in F32 are rounded once. */
public final class RealFunctions {
    /** Below it the series of erf, beyond it the normal distribution: 1 − erf(1/2) is no small number yet. */
    private static final double SERIES = 0.5;

    private static final int TERMS = 13;
    private static final double FAR = 6; // erf(6) = 1 − 2e-17
    private static final int WHOLE = 1024;

    private RealFunctions() {}

    /**
     * x^p of each element. Whole powers up to ±1024 are products; others are e^(p ln |x|), with the sign of (−1)^p where p is whole, else NaN where x is negative.
     *
     * @param x of a real type
     */
    public static Tensor pow(Tensor x, double p) {
        try (Scope scope = Scope.open()) {
            return scope.keep(constantPower(x, p));
        }
    }

    private static Tensor constantPower(Tensor x, double p) {
        if (p == 1) {
            return x.affine(1, 0);
        }
        if (p == 2) {
            return x.map(Unary.SQUARE);
        }
        if (p == 0.5) {
            return x.map(Unary.SQRT);
        }
        if (p == -1) {
            return x.map(Unary.RECIPROCAL);
        }
        Tensor wide = wide("pow", x);
        boolean whole = p == Math.rint(p) && !Double.isInfinite(p);
        if (whole && Math.abs(p) > WHOLE) {
            Tensor y = wide.map(Unary.ABS).map(Unary.LOG).times(p).exp();
            boolean odd = Math.IEEEremainder(p, 2) != 0;
            return (odd ? Masks.where(negative(wide), y.negate(), y) : y).to(x.dtype());
        }
        if (!whole) {
            return wide.map(Unary.LOG).times(p).exp().to(x.dtype());
        }
        Tensor y = whole(wide, (int) Math.abs(p));
        return (p < 0 ? y.map(Unary.RECIPROCAL) : y).to(x.dtype());
    }

    /** [x &lt; 0], and 1 for −0, whose reciprocal is −∞. */
    private static Tensor negative(Tensor x) {
        Tensor zero = Tensor.full(x.device(), x.dtype(), Shape.SCALAR, 0);
        return Masks.less(x, zero).zip(Binary.MAX, Masks.less(x.map(Unary.RECIPROCAL), zero));
    }

    private static Tensor whole(Tensor x, int p) {
        Tensor y = Tensor.full(x.device(), x.dtype(), x.shape(), 1);
        Tensor square = x;
        for (int rest = p; rest > 0; rest >>= 1) {
            y = (rest & 1) == 0 ? y : y.times(square);
            square = rest > 1 ? square.map(Unary.SQUARE) : square;
        }
        return y;
    }

    /**
     * x^y of each pair, broadcast: as {@link #pow(Tensor, double)}, products where y is whole and at most 1024 from 0, elsewhere e^(y ln |x|), with the sign of (−1)^y where y is
     * whole, else NaN where x is negative. 1 where y is 0.
     */
    public static Tensor pow(Tensor x, Tensor y) {
        Shape.broadcast("pow", x.shape(), y.shape());
        Operands.sameType("pow", x, y);
        try (Scope scope = Scope.open()) {
            Tensor base = x.to(DType.F64);
            Tensor exponent = wide("pow", y);
            Tensor size = exponent.map(Unary.ABS);
            Tensor whole = whole(size);
            Tensor odd = whole.times(Masks.not(whole(size.times(0.5))));
            Tensor small = whole.times(Masks.lessOrEqual(size, scalar(y, WHOLE)));
            Tensor positive = base.map(Unary.ABS);
            Tensor product = products(positive, Masks.where(small, size, scalar(y, 0)));
            product = Masks.where(Masks.less(exponent, scalar(y, 0)), product.map(Unary.RECIPROCAL), product);
            Tensor power = positive.map(Unary.LOG).times(exponent).exp();
            Tensor magnitude = Masks.where(small, product, power);
            Tensor signed = Masks.where(negative(base).times(odd), magnitude.negate(), magnitude);
            Tensor real = base.map(Unary.LOG).times(exponent).exp(); // NaN of negative numbers
            return scope.keep(Masks.where(whole, signed, real).to(x.dtype()));
        }
    }

    /** x to these whole powers, none of them negative. */
    private static Tensor products(Tensor x, Tensor powers) {
        Tensor y = scalar(x, 1);
        Tensor square = x;
        Tensor rest = powers;
        int count = Math.toIntExact(powers.size());
        for (double most = count == 0 ? 0 : powers.reshape(count).max(0).item();
                most > 0;
                most = Math.floor(most / 2)) {
            Tensor half = rounded(rest.affine(0.5, -0.25)); // ⌊rest/2⌋
            y = Masks.where(Masks.notEqual(rest, half.times(2)), y.times(square), y);
            square = square.map(Unary.SQUARE);
            rest = half;
        }
        return y;
    }

    /** Whether numbers that are not negative are whole; those past 2⁵² are. */
    private static Tensor whole(Tensor x) {
        Tensor bounded = x.zip(Binary.MIN, scalar(x, 0x1p52));
        return Masks.equal(bounded, rounded(bounded));
    }

    /** To the nearest whole number, of |x| ≤ 2⁵²: beyond 2⁵² doubles are whole. */
    private static Tensor rounded(Tensor x) {
        return x.plus(0x1p52).plus(-0x1p52);
    }

    private static Tensor scalar(Tensor like, double value) {
        return Tensor.full(like.device(), DType.F64, Shape.SCALAR, value);
    }

    /**
     * The error function, erf x = 2/√π ∫₀ˣ e^(−t²) dt, of each element: near 0 by its series (Abramowitz &amp; Stegun 7.1.5), beyond as 2 Φ(√2 x) − 1 with the normal
     * distribution Φ.
     *
     * @param x of a real type
     */
    public static Tensor erf(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor wide = wide("erf", x);
            Tensor near = series(clamp(wide, SERIES));
            Tensor z = clamp(wide, FAR).times(Math.sqrt(2));
            Tensor density = z.map(Unary.SQUARE).times(-0.5).exp().times(1 / Math.sqrt(2 * Math.PI));
            Tensor distribution = z.map(Unary.EXACT_GELU_DERIVATIVE).minus(z.times(density)); // Φ + z φ − z φ
            Tensor limit = Tensor.full(x.device(), DType.F64, Shape.SCALAR, SERIES);
            Tensor beyond = Masks.greater(wide.map(Unary.ABS), limit);
            return scope.keep(
                    Masks.where(beyond, distribution.affine(2, -1), near).to(x.dtype()));
        }
    }

    /**
     * e^x − 1 of each element, which keeps its digits near 0: with t = tanh(x/2), 1 − e^(−|x|) is 2 |t| / (1 + |t|), where nothing cancels.
     *
     * @param x of a real type
     */
    public static Tensor expm1(Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor wide = wide("expm1", x);
            Tensor t = wide.times(0.5).map(Unary.TANH);
            Tensor least = t.times(2).divide(t.map(Unary.ABS).plus(1)); // ±(1 − e^(−|x|))
            return scope.keep(least.times(wide.map(Unary.RELU).exp()).to(x.dtype()));
        }
    }

    private static Tensor wide(String operation, Tensor x) {
        if (!x.dtype().isReal()) {
            throw new IllegalArgumentException(operation + ": F32 or F64 needed, not " + x.dtype());
        }
        return x.to(DType.F64);
    }

    /** 2/√π Σ (−1)ⁿ x^(2n + 1) / (n! (2n + 1)). */
    private static Tensor series(Tensor x) {
        Tensor square = x.map(Unary.SQUARE);
        double[] c = new double[TERMS];
        double factorial = 1;
        for (int n = 0; n < TERMS; n++) {
            factorial *= n == 0 ? 1 : -n;
            c[n] = 2 / Math.sqrt(Math.PI) / (factorial * (2 * n + 1));
        }
        Tensor y = square.affine(c[TERMS - 1], c[TERMS - 2]);
        for (int n = TERMS - 3; n >= 0; n--) {
            try (Scope scope = Scope.open()) {
                Tensor next = scope.keep(y.times(square).plus(c[n]));
                y.close();
                y = next;
            }
        }
        return y.times(x);
    }

    private static Tensor clamp(Tensor x, double limit) {
        Tensor high = Tensor.full(x.device(), x.dtype(), Shape.SCALAR, limit);
        return x.zip(Binary.MIN, high).zip(Binary.MAX, high.negate());
    }
}
