package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Element-wise arithmetic, with NumPy's broadcasting. */
public final class Arithmetic {
    private Arithmetic() {}

    /**
     * Sum, broadcast.
     *
     * <pre>
     *   z = x + y      dz = dx + dy
     * </pre>
     */
    public static Var add(Var x, Var y) {
        Tensor z = x.value().plus(y.value());
        return Var.recordLinear("add", z, () -> LinearMap.sum(spread(x, z.shape(), 1), spread(y, z.shape(), 1)), x, y);
    }

    /**
     * Difference, broadcast.
     *
     * <pre>
     *   z = x − y      dz = dx − dy
     * </pre>
     */
    public static Var subtract(Var x, Var y) {
        Tensor z = x.value().minus(y.value());
        return Var.recordLinear(
                "subtract", z, () -> LinearMap.sum(spread(x, z.shape(), 1), spread(y, z.shape(), -1)), x, y);
    }

    /**
     * Product, broadcast.
     *
     * <pre>
     *   z = x ⊙ y      dz = y ⊙ dx + x ⊙ dy
     * </pre>
     */
    public static Var multiply(Var x, Var y) {
        Tensor z = x.value().times(y.value());
        return Var.record(
                "multiply",
                z,
                () -> LinearMap.sum(factor(x, y.value(), z.shape()), factor(y, x.value(), z.shape())),
                () -> crossed(x, y, z.shape()),
                x,
                y);
    }

    /**
     * Quotient, broadcast.
     *
     * <pre>
     *   z = x ⊘ y      dz = (1/y) ⊙ dx − (z/y) ⊙ dy
     * </pre>
     */
    public static Var divide(Var x, Var y) {
        Tensor z = x.value().divide(y.value());
        return Var.record(
                "divide",
                z,
                () -> LinearMap.sum(
                        x.isActive() ? factor(x, y.value().map(Unary.RECIPROCAL), z.shape()) : null,
                        y.isActive() ? factor(y, z.divide(y.value()).negate(), z.shape()) : null),
                () -> Curvature.expansion(v -> v.get(0).times(Activations.reciprocal(v.get(1))), x, y),
                x,
                y);
    }

    /**
     * The greater of two, broadcast; where they are equal, the derivative follows x, and where one is NaN, which z then is, too.
     *
     * <pre>
     *   z = max(x, y)      dz = [x ≥ y] ⊙ dx + [x &lt; y] ⊙ dy
     * </pre>
     */
    public static Var max(Var x, Var y) {
        return extreme(
                "max",
                x.value().zip(Binary.MAX, y.value()),
                x,
                y,
                () -> y.value().minus(x.value()));
    }

    /**
     * The smaller of two, broadcast; where they are equal, the derivative follows x, and where one is NaN, which z then is, too.
     *
     * <pre>
     *   z = min(x, y)      dz = [x ≤ y] ⊙ dx + [x &gt; y] ⊙ dy
     * </pre>
     */
    public static Var min(Var x, Var y) {
        return extreme(
                "min",
                x.value().zip(Binary.MIN, y.value()),
                x,
                y,
                () -> x.value().minus(y.value()));
    }

    /** One of two, which is y where {@code ofY} is positive. */
    private static Var extreme(String name, Tensor z, Var x, Var y, Supplier<Tensor> ofY) {
        return Var.recordLinear(
                name,
                z,
                () -> {
                    Tensor other = ofY.get().map(Unary.STEP);
                    return LinearMap.sum(
                            x.isActive() ? factor(x, other.affine(-1, 1), z.shape()) : null,
                            y.isActive() ? factor(y, other, z.shape()) : null);
                },
                x,
                y);
    }

    /**
     * A constant multiple.
     *
     * <pre>
     *   y = s x      dy = s dx
     * </pre>
     */
    public static Var scale(Var x, double s) {
        return Var.recordLinear("scale", x.value().times(s), () -> LinearMap.selfAdjoint(d -> d.times(s)), x);
    }

    /**
     * A constant shift.
     *
     * <pre>
     *   y = x + s      dy = dx
     * </pre>
     */
    public static Var shift(Var x, double s) {
        return Var.recordLinear("shift", x.value().plus(s), () -> LinearMap.selfAdjoint(d -> d), x);
    }

    /**
     * Product and sum in one pass; y and z broadcast to x or x to them.
     *
     * <pre>
     *   r = x ⊙ y + z      dr = y ⊙ dx + x ⊙ dy + dz
     * </pre>
     */
    public static Var multiplyAdd(Var x, Var y, Var z) {
        Tensor r = x.value().zip(Ternary.MULTIPLY_ADD, y.value(), z.value());
        return Var.record(
                "multiplyAdd",
                r,
                () -> LinearMap.sum(
                        factor(x, y.value(), r.shape()), factor(y, x.value(), r.shape()), spread(z, r.shape(), 1)),
                () -> crossed(x, y, r.shape()),
                x,
                y,
                z);
    }

    /**
     * The modulation of adaptive layer norm (Peebles &amp; Xie 2023, Figure 3) in one pass; scale and shift broadcast.
     *
     * <pre>
     *   r = x ⊙ (1 + scale) + shift      dr = (1 + scale) ⊙ dx + x ⊙ dscale + dshift
     * </pre>
     */
    public static Var modulate(Var x, Var scale, Var shift) {
        Tensor r = x.value().zip(Ternary.MODULATE, scale.value(), shift.value());
        return Var.record(
                "modulate",
                r,
                () -> LinearMap.sum(
                        x.isActive() ? factor(x, scale.value().plus(1), r.shape()) : null,
                        factor(scale, x.value(), r.shape()),
                        spread(shift, r.shape(), 1)),
                () -> crossed(x, scale, r.shape()),
                x,
                scale,
                shift);
    }

    /** dx ↦ sign · dx, broadcast to z; sign is 1 or −1. */
    private static LinearMap.@Nullable Partial spread(Var x, Shape z, int sign) {
        Shape s = x.shape();
        return x.partial(
                d -> signed(Blocks.broadcast(d, z), sign), u -> signed(s.equals(z) ? u : Blocks.sumTo(u, s), sign));
    }

    private static Tensor signed(Tensor t, int sign) {
        return sign < 0 ? t.negate() : t;
    }

    /** dx ↦ g ⊙ dx, broadcast to z. */
    static LinearMap.@Nullable Partial factor(Var x, Tensor g, Shape z) {
        Shape s = x.shape();
        return x.partial(
                d -> Blocks.align(d, z.rank()).times(g).broadcastTo(z.prepend(d.dim(0))),
                u -> s.equals(z) ? u.times(g) : Blocks.sumTo(u.times(g), s));
    }

    /** The second derivative of z = x ⊙ y and what is linear beside it: x̄ meets dy, ȳ meets dx. */
    private static Curvature crossed(Var x, Var y, Shape z) {
        Shape sx = x.shape();
        Shape sy = y.shape();
        return Curvature.bilinear(x, y, (u, dy) -> met(u, dy, z, sx), (u, dx) -> met(u, dx, z, sy));
    }

    /** u [1, *z] ⊙ v [K, ...], summed to [K, *s]. */
    static Tensor met(Tensor u, Tensor v, Shape z, Shape s) {
        Tensor product = u.times(Blocks.align(v, z.rank()));
        return s.equals(z) ? product : Blocks.sumTo(product, s);
    }
}
