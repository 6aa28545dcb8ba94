package examples;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Curvature;
import dev.canonica.autodiff.LinearMap;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import java.util.Arrays;

/** A primitive of one's own: its value, its derivative as a linear map, and the check that the two belong together. */
public final class OwnPrimitive {
    private OwnPrimitive() {}

    /**
     * Softplus of each element.
     *
     * <pre>
     *   y  = ln(1 + e^x) = max(x, 0) + ln(1 + e^−|x|)     the second form does not overflow
     *   dy = σ(x) ⊙ dx                                    a diagonal map, its own adjoint
     *   H(u) v = σ(x) (1 − σ(x)) ⊙ u ⊙ v                  the second derivative
     * </pre>
     */
    public static Var softplus(Var x) {
        Tensor v = x.value();
        Tensor y =
                v.map(Unary.RELU).plus(v.map(Unary.ABS).negate().exp().plus(1).map(Unary.LOG));
        Tensor s = v.map(Unary.SIGMOID);
        return Var.record(
                "softplus",
                y,
                () -> LinearMap.diagonal(s),
                () -> Curvature.diagonal(s.times(s.affine(-1, 1))), // asked for by second derivatives alone
                x);
    }

    /** Checks it, and uses it. */
    public static void main(String[] args) {
        CheckResult result = PrimitiveCheck.check(
                Row.unary("softplus", OwnPrimitive::softplus).at(7).at(3, 7));
        System.out.println("softplus: " + (result.passed() ? "value and derivatives hold" : result.failures()));

        Tensor x = Tensor.of(new double[] {-1, 0, 2}, 3);
        Linearization f = Autodiff.linearize((Var v) -> softplus(v.square()).sum(), x);
        System.out.println("Σ ln(1 + e^x²) = " + f.value().item());
        Tensor gradient = f.pull(Tensor.full(DType.F64, Shape.of(1), 1))[0]; // [1, 3]: one cotangent
        System.out.println("gradient: " + Arrays.toString(gradient.toDoubles()));
        Tensor h = Autodiff.hvp(v -> softplus(v).sum(), x, Tensor.full(DType.F64, x.shape(), 1));
        System.out.println("second derivative of the sum: " + Arrays.toString(h.toDoubles()));
    }
}
