package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.Masks;
import org.jspecify.annotations.Nullable;

/** One of two values, element by element. {@link Masks} has the comparisons, whose results nothing is differentiated by. */
public final class Selections {
    private Selections() {}

    /**
     * x where a mask is positive, else y; the three broadcast. What is not chosen leaves no trace in the value or a tangent, be it NaN or infinite.
     *
     * <pre>
     *   z = [m &gt; 0] x + [m ≤ 0] y      dz = [m &gt; 0] ⊙ dx + [m ≤ 0] ⊙ dy
     * </pre>
     *
     * @param mask of any type, on any device, such as a comparison of {@link Masks}
     */
    public static Var where(Tensor mask, Var x, Var y) {
        Tensor z = Masks.where(mask, x.value(), y.value());
        return Var.recordLinear(
                "where",
                z,
                () -> {
                    Tensor chosen = Masks.positive(mask, z);
                    return LinearMap.sum(
                            choice(x, chosen, z.shape()),
                            y.isActive() ? choice(y, Masks.not(chosen), z.shape()) : null);
                },
                x,
                y);
    }

    private static LinearMap.@Nullable Partial choice(Var x, Tensor mask, Shape z) {
        Shape s = x.shape();
        return x.partial(
                d -> Blocks.align(d, z.rank()).zip(Binary.WHERE_POSITIVE, mask).broadcastTo(z.prepend(d.dim(0))),
                u -> s.equals(z)
                        ? u.zip(Binary.WHERE_POSITIVE, mask)
                        : Blocks.sumTo(u.zip(Binary.WHERE_POSITIVE, mask), s));
    }

    /**
     * Each element brought into an interval. At its ends the derivative is 1.
     *
     * <pre>
     *   y = min(max(x, low), high)      dy = [low ≤ x ≤ high] ⊙ dx
     * </pre>
     *
     * @param low −∞ for none
     * @param high +∞ for none
     * @throws IllegalArgumentException if not low ≤ high
     */
    public static Var clamp(Var x, double low, double high) {
        if (!(low <= high)) {
            throw new IllegalArgumentException("clamp: [" + low + ", " + high + "] is no interval");
        }
        Tensor tx = x.value();
        Tensor least = Tensor.full(tx.device(), tx.dtype(), Shape.SCALAR, low);
        Tensor greatest = Tensor.full(tx.device(), tx.dtype(), Shape.SCALAR, high);
        Tensor y = tx.zip(Binary.MAX, least).zip(Binary.MIN, greatest);
        return Var.recordLinear(
                "clamp",
                y,
                () -> {
                    Tensor outside = least.minus(tx)
                            .map(Unary.STEP)
                            .plus(tx.minus(greatest).map(Unary.STEP));
                    return LinearMap.diagonal(Masks.not(outside));
                },
                x);
    }
}
