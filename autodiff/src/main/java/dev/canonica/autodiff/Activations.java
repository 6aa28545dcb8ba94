package dev.canonica.autodiff;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.RealFunctions;
import java.util.function.Supplier;

/** Element-wise functions of one argument: y = f(x), dy = f′(x) ⊙ dx, a diagonal map, and so is the second derivative. */
public final class Activations {
    private Activations() {}

    private static Var elementwise(String name, Var x, Tensor y, Supplier<Tensor> derivative, Supplier<Tensor> second) {
        return Var.record(
                name, y, () -> LinearMap.diagonal(derivative.get()), () -> Curvature.diagonal(second.get()), x);
    }

    /** y = e^x, f′ = y. */
    public static Var exp(Var x) {
        Tensor y = x.value().exp();
        return elementwise("exp", x, y, () -> y, () -> y);
    }

    /** y = e^x − 1, f′ = y + 1, without the cancellation of the two near 0; see {@link RealFunctions#expm1}. */
    public static Var expm1(Var x) {
        Supplier<Tensor> derivative = () -> x.value().exp();
        return elementwise("expm1", x, RealFunctions.expm1(x.value()), derivative, derivative);
    }

    /** y = ln x, f′ = 1/x. */
    public static Var log(Var x) {
        Tensor y = x.value().map(Unary.LOG);
        return elementwise(
                "log",
                x,
                y,
                () -> x.value().map(Unary.RECIPROCAL),
                () -> x.value().map(Unary.SQUARE).map(Unary.RECIPROCAL).negate());
    }

    /** y = √x, f′ = 1/(2y). */
    public static Var sqrt(Var x) {
        Tensor y = x.value().map(Unary.SQRT);
        return elementwise(
                "sqrt",
                x,
                y,
                () -> y.map(Unary.RECIPROCAL).times(0.5),
                () -> RealFunctions.pow(y, -3).times(-0.25));
    }

    /** y = x², f′ = 2x. */
    public static Var square(Var x) {
        Tensor y = x.value().map(Unary.SQUARE);
        return elementwise(
                "square", x, y, () -> x.value().times(2), () -> Tensor.full(y.device(), y.dtype(), y.shape(), 2));
    }

    /** y = 1/x, f′ = −y². */
    public static Var reciprocal(Var x) {
        Tensor y = x.value().map(Unary.RECIPROCAL);
        return elementwise(
                "reciprocal",
                x,
                y,
                () -> y.map(Unary.SQUARE).negate(),
                () -> RealFunctions.pow(y, 3).times(2));
    }

    /** y = |x|, f′ = sign x. */
    public static Var abs(Var x) {
        return Var.recordLinear(
                "abs",
                x.value().map(Unary.ABS),
                () -> LinearMap.diagonal(x.value().map(Unary.SIGN)),
                x);
    }

    /** y = sin x, f′ = cos x. */
    public static Var sin(Var x) {
        Tensor y = x.value().map(Unary.SIN);
        return elementwise("sin", x, y, () -> x.value().map(Unary.COS), () -> y.negate());
    }

    /** y = cos x, f′ = −sin x. */
    public static Var cos(Var x) {
        Tensor y = x.value().map(Unary.COS);
        return elementwise("cos", x, y, () -> x.value().map(Unary.SIN).negate(), () -> y.negate());
    }

    /** y = tanh x, f′ = 1 − y². */
    public static Var tanh(Var x) {
        Tensor y = x.value().map(Unary.TANH);
        return elementwise(
                "tanh",
                x,
                y,
                () -> y.map(Unary.SQUARE).affine(-1, 1),
                () -> y.times(y.map(Unary.SQUARE).affine(2, -2)));
    }

    /** y = σ(x) = 1/(1 + e^−x), f′ = y (1 − y). */
    public static Var sigmoid(Var x) {
        Tensor y = x.value().map(Unary.SIGMOID);
        return elementwise(
                "sigmoid",
                x,
                y,
                () -> y.minus(y.map(Unary.SQUARE)),
                () -> y.minus(y.map(Unary.SQUARE)).times(y.affine(-2, 1)));
    }

    /** y = max(x, 0), f′ = [x &gt; 0]. */
    public static Var relu(Var x) {
        Tensor y = x.value().map(Unary.RELU);
        return Var.recordLinear("relu", y, () -> LinearMap.selfAdjoint(d -> d.zip(Binary.WHERE_POSITIVE, y)), x);
    }

    /** y = x σ(x) (SiLU; Hendrycks &amp; Gimpel 2016), f′ = σ(x) (1 + x (1 − σ(x))). */
    public static Var silu(Var x) {
        return elementwise(
                "silu",
                x,
                x.value().map(Unary.SILU),
                () -> x.value().map(Unary.SILU_DERIVATIVE),
                () -> siluSecond(x.value()));
    }

    /** y = x (1 + tanh u)/2 with u = √(2/π) (x + 0.044715 x³): the tanh form of GELU (Hendrycks &amp; Gimpel 2016). */
    public static Var gelu(Var x) {
        return elementwise(
                "gelu",
                x,
                x.value().map(Unary.GELU),
                () -> x.value().map(Unary.GELU_DERIVATIVE),
                () -> geluSecond(x.value().to(DType.F64)).to(x.value().dtype()));
    }

    /** y = erf x = 2/√π ∫₀ˣ e^(−t²) dt, f′ = 2/√π e^(−x²); see {@link RealFunctions#erf}. */
    public static Var erf(Var x) {
        double scale = 2 / Math.sqrt(Math.PI);
        return elementwise(
                "erf",
                x,
                RealFunctions.erf(x.value()),
                () -> bell(x.value().map(Unary.SQUARE)).times(scale),
                () -> bell(x.value().map(Unary.SQUARE)).times(x.value()).times(-2 * scale));
    }

    /** y = x Φ(x), f′ = Φ(x) + x φ(x) with the normal distribution: GELU itself (Hendrycks &amp; Gimpel 2016, equation 2). */
    public static Var exactGelu(Var x) {
        return elementwise(
                "exactGelu",
                x,
                x.value().map(Unary.EXACT_GELU),
                () -> x.value().map(Unary.EXACT_GELU_DERIVATIVE),
                () -> {
                    Tensor square = x.value().map(Unary.SQUARE);
                    return bell(square.times(0.5)).times(square.affine(-1, 2)).times(1 / Math.sqrt(2 * Math.PI));
                });
    }

    /** e^−t. */
    private static Tensor bell(Tensor t) {
        return t.negate().exp();
    }

    /** s (1 − s) (2 + x (1 − 2s)) with s = σ(x). */
    private static Tensor siluSecond(Tensor x) {
        Tensor s = x.map(Unary.SIGMOID);
        return s.minus(s.map(Unary.SQUARE)).times(x.times(s.affine(-2, 1)).plus(2));
    }

    /** In double, for 2u is large where s (1 − s) still counts: s (1 − s) (2 w + x ((1 − 2s) w² + w′)) with s = σ(2u), w = 2u′. */
    private static Tensor geluSecond(Tensor x) {
        double a = 2 * Math.sqrt(2 / Math.PI);
        double b = 0.044715;
        Tensor square = x.map(Unary.SQUARE);
        Tensor s = x.times(square.affine(a * b, a)).map(Unary.SIGMOID);
        Tensor w = square.affine(3 * a * b, a);
        Tensor inner = s.affine(-2, 1).times(w.map(Unary.SQUARE)).plus(x.times(6 * a * b));
        return s.minus(s.map(Unary.SQUARE)).times(x.times(inner).plus(w.times(2)));
    }
}
