package dev.canonica.autodiff;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.Masks;
import dev.canonica.tensor.operation.RealFunctions;
import org.jspecify.annotations.Nullable;

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
     * Powers, broadcast. Whole powers take negative elements, others give NaN there.
     *
     * <pre>
     *   z = x^y      dz = y x^(y − 1) ⊙ dx + z ln x ⊙ dy
     * </pre>
     *
     * <p>Where z = 0, and at 0⁰ = 1, the derivative by y is 0; where y = 0, that by x is. Where x is negative, nearby powers are no numbers: the derivative by y is NaN, and
     * so are the second ones that have it, while those by x alone are what they are of a constant power.
     */
    public static Var pow(Var x, Var y) {
        Tensor z = RealFunctions.pow(x.value(), y.value());
        return Var.record(
                "pow",
                z,
                () -> LinearMap.sum(
                        x.isActive() ? Arithmetic.factor(x, byBase(x.value(), y.value()), z.shape()) : null,
                        y.isActive() ? Arithmetic.factor(y, byExponent(x.value(), y.value(), z), z.shape()) : null),
                () -> new Second(x, y, z),
                x,
                y);
    }

    /** y x^(y − 1), 0 where y is. */
    private static Tensor byBase(Tensor x, Tensor y) {
        return orZero(isZero(y), RealFunctions.pow(x, y.plus(-1)).times(y));
    }

    /** z ln x, 0 where z is, and at 0⁰; NaN where x is negative. */
    private static Tensor byExponent(Tensor x, Tensor y, Tensor z) {
        return orZero(vanishing(x, y, z), z.times(logarithm(x)));
    }

    private static Tensor vanishing(Tensor x, Tensor y, Tensor z) {
        return isZero(z)
                .times(Masks.greaterOrEqual(x, zero(x)))
                .zip(Binary.MAX, isZero(x).times(isZero(y)));
    }

    private static Tensor logarithm(Tensor x) {
        return x.to(DType.F64).map(Unary.LOG).to(x.dtype());
    }

    /** A mask of the zeros. */
    static Tensor isZero(Tensor x) {
        return Masks.equal(x, zero(x));
    }

    /** x, 0 where the mask is not. */
    static Tensor orZero(Tensor mask, Tensor x) {
        return Masks.where(mask, zero(x), x);
    }

    private static Tensor zero(Tensor like) {
        return Tensor.full(like.device(), like.dtype(), Shape.SCALAR, 0);
    }

    /**
     * Of z = x^y, 0 where a power of 0 is or where its first derivative is by convention.
     *
     * <pre>
     *   ∂²z/∂x² = y (y − 1) x^(y − 2)      ∂²z/∂x∂y = x^(y − 1) (1 + y ln x)      ∂²z/∂y² = z ln² x
     * </pre>
     */
    private static final class Second implements Curvature {
        private final Shape x;
        private final Shape y;
        private final Shape z;
        private final @Nullable Tensor xx;
        private final @Nullable Tensor xy;
        private final @Nullable Tensor yy;

        Second(Var x, Var y, Tensor z) {
            this.x = x.shape();
            this.y = y.shape();
            this.z = z.shape();
            Tensor tx = x.value();
            Tensor ty = y.value();
            Tensor less = ty.plus(-1);
            xx = x.isActive() ? orZero(isZero(ty), byBase(tx, less).times(ty)) : null;
            xy = x.isActive() && y.isActive() ? mixed(tx, ty, less) : null;
            yy = y.isActive()
                    ? orZero(vanishing(tx, ty, z), z.times(logarithm(tx).map(Unary.SQUARE)))
                    : null;
        }

        private static Tensor mixed(Tensor x, Tensor y, Tensor less) {
            Tensor power = RealFunctions.pow(x, less);
            return orZero(
                    vanishing(x, y, power), power.times(y.times(logarithm(x)).plus(1)));
        }

        @Override
        public @Nullable Tensor[] apply(Tensor u, @Nullable Tensor... v) {
            return new @Nullable Tensor[] {sum(u, xx, v[0], xy, v[1], x), sum(u, xy, v[0], yy, v[1], y)};
        }

        /** u ⊙ (g dx + h dy), summed to s; null for zero. */
        private @Nullable Tensor sum(
                Tensor u, @Nullable Tensor g, @Nullable Tensor dx, @Nullable Tensor h, @Nullable Tensor dy, Shape s) {
            Tensor byX = g == null || dx == null ? null : Arithmetic.met(u.times(g), dx, z, s);
            Tensor byY = h == null || dy == null ? null : Arithmetic.met(u.times(h), dy, z, s);
            return byX == null ? byY : byY == null ? byX : byX.plus(byY);
        }
    }
}
