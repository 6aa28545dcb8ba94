package dev.canonica.tensor.function;

import java.util.function.DoubleUnaryOperator;

/** Element-wise functions of one argument, each with its definition in double precision: the oracle of every faster kernel. */
public enum Unary {
    /**
     * x
     * ; its derivative at 0 is taken as 0 ({@link #SIGN}).
     */
    ABS(Math::abs),
    /** e^x. */
    EXP(Math::exp),
    /** The natural logarithm: −∞ at 0, NaN below. */
    LOG(Math::log),
    /** √x; NaN below 0. */
    SQRT(Math::sqrt),
    /** 1/√x, in one function, for normalisations; ∞ at 0. */
    RSQRT(x -> 1 / Math.sqrt(x)),
    /** 1/x; ±∞ at ±0. */
    RECIPROCAL(x -> 1 / x),
    /** x². */
    SQUARE(x -> x * x),
    /** sin x, x in radians. */
    SIN(Math::sin),
    /** cos x, x in radians. */
    COS(Math::cos),
    /** The hyperbolic tangent, from −1 to 1. */
    TANH(Math::tanh),
    /** 1 where x &gt; 0, else 0: the derivative of {@link #RELU}. */
    STEP(x -> x > 0 ? 1 : 0),
    /** −1, 0 or 1: the derivative of {@link #ABS}. */
    SIGN(Math::signum),
    /** max(x, 0), NaN where x is; its derivative at 0 is taken as 0 ({@link #STEP}). */
    RELU(x -> x > 0 ? x : x <= 0 ? 0 : x),
    /** 1 / (1 + e^−x). */
    SIGMOID(x -> 1 / (1 + Math.exp(-x))),
    /** x σ(x) (Hendrycks &amp; Gimpel 2016, there named SiLU). */
    SILU(x -> x / (1 + Math.exp(-x))),
    /** σ(x) (1 + x (1 − σ(x))). */
    SILU_DERIVATIVE(x -> {
        double s = 1 / (1 + Math.exp(-x));
        double tail = s * (1 - s);
        return tail == 0 ? s : s + x * tail; // 0 · ∞ far out, where the limit is s
    }),
    /** x σ(2u) with u = √(2/π) (x + 0.044715 x³): the tanh form of GELU (Hendrycks &amp; Gimpel 2016), since (1 + tanh u)/2 = σ(2u). */
    GELU(x -> x / (1 + Math.exp(-2 * Gelu.u(x)))),
    /** s + x s (1 − s) 2u′ with s = σ(2u). */
    GELU_DERIVATIVE(x -> {
        double s = 1 / (1 + Math.exp(-2 * Gelu.u(x)));
        double tail = s * (1 - s);
        return tail == 0 ? s : s + x * tail * 2 * Gelu.du(x); // 0 · ∞ far out, where the limit is s
    }),
    /** x Φ(x), Φ the normal distribution function: GELU itself (Hendrycks &amp; Gimpel 2016). */
    EXACT_GELU(x -> Double.isInfinite(x) ? Math.max(x, 0) : x * Normal.distribution(x)),
    /** Φ(x) + x φ(x), φ the normal density. */
    EXACT_GELU_DERIVATIVE(x -> {
        double tail = Normal.density(x);
        return tail == 0 ? Normal.distribution(x) : Normal.distribution(x) + x * tail; // 0 · ∞ far out
    });

    private final DoubleUnaryOperator definition;

    Unary(DoubleUnaryOperator definition) {
        this.definition = definition;
    }

    /**
     * The function that is this one's derivative.
     *
     * @throws IllegalArgumentException if there is none among these
     */
    public Unary derivative() {
        return switch (this) {
            case EXP -> EXP;
            case SIN -> COS;
            case ABS -> SIGN;
            case RELU -> STEP;
            case SILU -> SILU_DERIVATIVE;
            case GELU -> GELU_DERIVATIVE;
            case EXACT_GELU -> EXACT_GELU_DERIVATIVE;
            default ->
                throw new IllegalArgumentException("the derivative of " + this + " is no function of this table");
        };
    }

    /** The function's value in double precision. */
    public double apply(double x) {
        return definition.applyAsDouble(x);
    }

    /** The inner polynomial of the tanh form of GELU. */
    private static final class Gelu {
        static final double A = Math.sqrt(2 / Math.PI);
        static final double B = 0.044715;

        static double u(double x) {
            return A * (x + B * x * x * x);
        }

        static double du(double x) {
            return A * (1 + 3 * B * x * x);
        }
    }
}
