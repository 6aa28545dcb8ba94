package dev.canonica.tensor.vector.code;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.vector.code.Avx512Assembler.Comparison;
import dev.canonica.tensor.vector.code.Formula.Value;

/** Element-wise functions as {@link Formula}s, for emitted kernels; the same approximations as {@link Lanes}, {@link NormalLanes} and the loops of the Vector API have. */
public final class Formulas {
    /** e^x is ∞ from here at the latest, by overflow; and the polynomial's argument stays small. */
    private static final float EXP_LIMIT = 89;

    /** Beyond, a factor s (1 − s) is 0, and x must not turn it into NaN. */
    private static final float SATURATED = 100;

    private static final double GELU_A = Math.sqrt(2 / Math.PI);
    private static final double GELU_B = 0.044715;

    private Formulas() {}

    /** A function of some vectors. */
    @FunctionalInterface
    public interface Lane {
        /** The result. */
        Value of(Formula f, Value... x);
    }

    /** Whether a function has a formula. Those that the vector library would compute run as scalar code in every form. */
    static boolean has(Unary op) {
        return switch (op) {
            case LOG, SIN, COS, TANH -> false;
            default -> true;
        };
    }

    /** A function of one vector. */
    public static Value of(Unary op, Formula f, Value x) {
        Value zero = f.constant(0);
        Value one = f.constant(1);
        return switch (op) {
            case ABS -> x.abs();
            case EXP -> exp(f, x);
            case SQRT -> x.sqrt();
            case RSQRT -> one.div(x.sqrt());
            case RECIPROCAL -> one.div(x);
            case SQUARE -> x.mul(x);
            case STEP -> one.where(Comparison.GREATER, x, zero);
            case SIGN ->
                f.select(Comparison.GREATER, x, zero, one, f.select(Comparison.LESS, x, zero, f.constant(-1), x));
            case RELU -> x.where(Comparison.NOT_LESS_OR_EQUAL, x, zero);
            case SIGMOID -> one.div(onePlusExp(f, x.negate()));
            case SILU -> x.div(onePlusExp(f, x.negate()));
            case SILU_DERIVATIVE -> {
                Value s = one.div(onePlusExp(f, x.negate()));
                yield s.mul(one.sub(s).fma(x.max(-SATURATED).min(SATURATED), one));
            }
            case GELU -> x.div(onePlusExp(f, minusTwoU(x)));
            case GELU_DERIVATIVE -> {
                Value s = one.div(onePlusExp(f, minusTwoU(x)));
                Value c = x.max(-SATURATED).min(SATURATED);
                Value du = c.mul(c).fma(2 * GELU_A * 3 * GELU_B, 2 * GELU_A);
                yield s.mul(one.sub(s)).mul(c).fma(du, s);
            }
            case EXACT_GELU -> {
                Value z = x.abs().min(NormalLanes.FAR);
                yield x.max(0).less(z, tail(f, z, bell(f, z)));
            }
            case EXACT_GELU_DERIVATIVE -> {
                Value z = x.abs().min(NormalLanes.FAR);
                Value bell = bell(f, z);
                Value tail = tail(f, z, bell);
                Value distribution = f.select(Comparison.LESS, x, zero, tail, one.sub(tail));
                yield x.max(-NormalLanes.FAR).min(NormalLanes.FAR).fma(bell.mul(NormalLanes.DENSITY), distribution);
            }
            case LOG, SIN, COS, TANH -> throw new IllegalArgumentException(op + " has no formula");
        };
    }

    /** A function of two vectors. */
    public static Value of(Binary op, Formula f, Value x, Value y) {
        return switch (op) {
            case ADD -> x.add(y);
            case SUBTRACT -> x.sub(y);
            case MULTIPLY -> x.mul(y);
            case DIVIDE -> x.div(y);
            // as Math.max and Math.min: NaN if either is, and −0 is less than 0
            case MAX -> orNaN(f, y, f.select(Comparison.EQUAL, x, y, x.and(y), x.max(y)));
            case MIN -> orNaN(f, y, f.select(Comparison.EQUAL, x, y, x.or(y), x.min(y)));
            case WHERE_POSITIVE -> x.where(Comparison.GREATER, y, f.constant(0));
        };
    }

    private static Value orNaN(Formula f, Value y, Value result) {
        return f.select(Comparison.UNORDERED, y, y, y, result);
    }

    /** A function of three vectors. */
    public static Value of(Ternary op, Value x, Value y, Value z) {
        return switch (op) {
            case MULTIPLY_ADD -> x.fma(y, z);
            case MODULATE -> x.fma(y.add(1), z);
        };
    }

    /** e^x as in {@link Lanes#exp}; ∞ by overflow. */
    static Value exp(Formula f, Value x) {
        return exp(f, x.min(EXP_LIMIT), x);
    }

    /** e^x for x up to {@link #EXP_LIMIT}. */
    static Value expBelow(Formula f, Value x) {
        return exp(f, x, x);
    }

    private static Value exp(Formula f, Value c, Value x) {
        Value n = c.fma(Lanes.LOG2_E, Lanes.ROUND).sub(f.constant(Lanes.ROUND));
        Value r = c.less(n, f.constant(Lanes.LN2_HIGH));
        r = r.less(n, f.constant(Lanes.LN2_LOW));
        Value p = f.constant(Lanes.EXP_7).fma(r, Lanes.EXP_6);
        p = p.fma(r, Lanes.EXP_5).fma(r, Lanes.EXP_4).fma(r, Lanes.EXP_3).fma(r, Lanes.EXP_2);
        Value y = p.fma(r, 1).fma(r, 1);
        return y.scale(n).where(Comparison.NOT_LESS, x, f.constant(Lanes.EXP_MIN));
    }

    private static Value onePlusExp(Formula f, Value x) {
        return exp(f, x).add(1);
    }

    /** −2u, u as in {@link Unary#GELU}. */
    private static Value minusTwoU(Value x) {
        return x.mul(x).fma(-2 * GELU_A * GELU_B, -2 * GELU_A).mul(x);
    }

    /** e^(−z²/2), see {@link NormalLanes}. */
    private static Value bell(Formula f, Value z) {
        Value square = z.mul(z);
        Value rounding = square.less(z, z); // of the square, negative
        Value e = expBelow(f, square.mul(-0.5));
        return e.fma(rounding.mul(0.5), e);
    }

    /** Φ(−z), see {@link NormalLanes}. */
    private static Value tail(Formula f, Value z, Value bell) {
        Value t = f.constant(1).div(z.fma(NormalLanes.SLOPE, 1));
        Value p = f.constant(NormalLanes.P[10]);
        for (int i = 9; i >= 0; i--) {
            p = p.fma(t, NormalLanes.P[i]);
        }
        return p.mul(bell);
    }
}
