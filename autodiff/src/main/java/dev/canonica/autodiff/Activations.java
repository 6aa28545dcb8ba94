package dev.canonica.autodiff;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Unary;
import java.util.function.Supplier;

/** Element-wise functions of one argument: y = f(x), dy = f′(x) ⊙ dx, a diagonal map. */
public final class Activations {
    private Activations() {}

    private static Var elementwise(String name, Var x, Tensor y, Supplier<Tensor> derivative) {
        return Var.record(name, y, () -> LinearMap.diagonal(derivative.get()), x);
    }

    /** y = e^x, f′ = y. */
    public static Var exp(Var x) {
        Tensor y = x.value().exp();
        return elementwise("exp", x, y, () -> y);
    }

    /** y = ln x, f′ = 1/x. */
    public static Var log(Var x) {
        return elementwise("log", x, x.value().map(Unary.LOG), () -> x.value().map(Unary.RECIPROCAL));
    }

    /** y = √x, f′ = 1/(2y). */
    public static Var sqrt(Var x) {
        Tensor y = x.value().map(Unary.SQRT);
        return elementwise("sqrt", x, y, () -> y.map(Unary.RECIPROCAL).times(0.5));
    }

    /** y = x², f′ = 2x. */
    public static Var square(Var x) {
        return elementwise(
                "square", x, x.value().map(Unary.SQUARE), () -> x.value().times(2));
    }

    /** y = 1/x, f′ = −y². */
    public static Var reciprocal(Var x) {
        Tensor y = x.value().map(Unary.RECIPROCAL);
        return elementwise("reciprocal", x, y, () -> y.map(Unary.SQUARE).negate());
    }

    /** y = |x|, f′ = sign x. */
    public static Var abs(Var x) {
        return elementwise("abs", x, x.value().map(Unary.ABS), () -> x.value().map(Unary.SIGN));
    }

    /** y = sin x, f′ = cos x. */
    public static Var sin(Var x) {
        return elementwise("sin", x, x.value().map(Unary.SIN), () -> x.value().map(Unary.COS));
    }

    /** y = cos x, f′ = −sin x. */
    public static Var cos(Var x) {
        return elementwise(
                "cos",
                x,
                x.value().map(Unary.COS),
                () -> x.value().map(Unary.SIN).negate());
    }

    /** y = tanh x, f′ = 1 − y². */
    public static Var tanh(Var x) {
        Tensor y = x.value().map(Unary.TANH);
        return elementwise("tanh", x, y, () -> y.map(Unary.SQUARE).affine(-1, 1));
    }

    /** y = σ(x) = 1/(1 + e^−x), f′ = y (1 − y). */
    public static Var sigmoid(Var x) {
        Tensor y = x.value().map(Unary.SIGMOID);
        return elementwise("sigmoid", x, y, () -> y.minus(y.map(Unary.SQUARE)));
    }

    /** y = max(x, 0), f′ = [x &gt; 0]. */
    public static Var relu(Var x) {
        Tensor y = x.value().map(Unary.RELU);
        return Var.record("relu", y, () -> LinearMap.selfAdjoint(d -> d.zip(Binary.WHERE_POSITIVE, y)), x);
    }

    /** y = x σ(x) (SiLU; Hendrycks &amp; Gimpel 2016), f′ = σ(x) (1 + x (1 − σ(x))). */
    public static Var silu(Var x) {
        return elementwise("silu", x, x.value().map(Unary.SILU), () -> x.value().map(Unary.SILU_DERIVATIVE));
    }

    /** y = x (1 + tanh u)/2 with u = √(2/π) (x + 0.044715 x³): the tanh form of GELU (Hendrycks &amp; Gimpel 2016). */
    public static Var gelu(Var x) {
        return elementwise("gelu", x, x.value().map(Unary.GELU), () -> x.value().map(Unary.GELU_DERIVATIVE));
    }

    /** y = x Φ(x), f′ = Φ(x) + x φ(x) with the normal distribution: GELU itself (Hendrycks &amp; Gimpel 2016, Eq. 2). */
    public static Var exactGelu(Var x) {
        return elementwise(
                "exactGelu", x, x.value().map(Unary.EXACT_GELU), () -> x.value().map(Unary.EXACT_GELU_DERIVATIVE));
    }
}
