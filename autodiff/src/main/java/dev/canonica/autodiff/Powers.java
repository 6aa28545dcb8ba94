package dev.canonica.autodiff;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.Masks;
import dev.canonica.tensor.operation.RealFunctions;

/** Powers of elements. */
public final class Powers {
    private Powers() {}

    /**
     * A constant power of each element. Whole powers take negative elements, others give NaN there.
     *
     * <pre>
     *   y = x^p      dy = p x^(p − 1) ⊙ dx
     * </pre>
     *
     * @param p any number; x^0 is 1 with the derivative 0, wherever x is
     */
    public static Var pow(Var x, double p) {
        return Var.record(
                "pow",
                RealFunctions.pow(x.value(), p),
                () -> LinearMap.diagonal(slope(x.value(), p)),
                () -> Curvature.diagonal(
                        p == 0 ? slope(x.value(), 0) : slope(x.value(), p - 1).times(p)),
                x);
    }

    private static Tensor slope(Tensor x, double p) {
        return p == 0
                ? Tensor.zeros(x.device(), x.dtype(), x.shape())
                : RealFunctions.pow(x, p - 1).times(p);
    }

    /**
     * Powers, broadcast, of elements that are not negative.
     *
     * <pre>
     *   z = x^y      dz = y x^(y − 1) ⊙ dx + z ln x ⊙ dy      where z = 0, the derivative by y is 0
     * </pre>
     */
    public static Var pow(Var x, Var y) {
        Tensor z = RealFunctions.pow(x.value(), y.value());
        return Var.record(
                "pow",
                z,
                () -> LinearMap.sum(
                        x.isActive() ? Arithmetic.factor(x, byBase(x.value(), y.value()), z.shape()) : null,
                        y.isActive() ? Arithmetic.factor(y, byExponent(x.value(), z), z.shape()) : null),
                () -> Curvature.expansion(v -> v.get(1).times(v.get(0).log()).exp(), x, y),
                x,
                y);
    }

    private static Tensor byBase(Tensor x, Tensor y) {
        return RealFunctions.pow(x, y.plus(-1)).times(y);
    }

    private static Tensor byExponent(Tensor x, Tensor z) {
        Tensor zero = Tensor.full(z.device(), z.dtype(), Shape.SCALAR, 0);
        Tensor logarithm = x.to(DType.F64).map(Unary.LOG).to(x.dtype());
        return Masks.where(Masks.equal(z, zero), zero, z.times(logarithm));
    }
}
