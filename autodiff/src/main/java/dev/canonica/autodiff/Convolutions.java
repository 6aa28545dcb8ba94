package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.operation.Convolution;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Convolutions of images; see {@link Convolution} for stride, padding, dilation and groups. */
public final class Convolutions {
    private Convolutions() {}

    /**
     * Convolution of images x [B, C, H, W] with filters w [O, C/groups, kh, kw], with a bias [O].
     *
     * <pre>
     *   y[b, o] = Σ_c w[o, c] ⋆ x[b, c] + b[o]      dy = w ⋆ dx + dw ⋆ x + db
     *   x̄ = wᵀ ⋆ u          (the transposed convolution)
     *   w̄[o, c] = Σ_b u[b, o] ⋆ x[b, c]
     *   b̄[o] = Σ u[:, o]    (over images and positions)
     * </pre>
     *
     * K directions of x are one convolution of K · B images; those of w and cotangents for w̄ are taken one by one.
     */
    public static Var convolution(Convolution c, Var x, Var w, Var bias) {
        Tensor y = c.value(x.value(), w.value(), bias.value());
        Shape sy = y.shape();
        return Var.record("convolution", y, () -> affine(c, x, w, bias, sy), () -> crossed(c, x, w), x, w, bias);
    }

    /** As {@link #convolution(Convolution, Var, Var, Var)}, without a bias. */
    public static Var convolution(Convolution c, Var x, Var w) {
        Tensor y = c.value(x.value(), w.value());
        Shape sy = y.shape();
        return Var.record(
                "convolution",
                y,
                () -> LinearMap.sum(images(c, x, w.value(), sy), filters(c, x.value(), w, sy)),
                () -> crossed(c, x, w),
                x,
                w);
    }

    /**
     * Convolution with a bias, and what follows it in residual networks (He et al., 2016, equation 1).
     *
     * <pre>
     *   h = w ⋆ x + b      y = max(h, 0)      dy = [y &gt; 0] ⊙ dh      h̄ = [y &gt; 0] ⊙ u, then as for {@link #convolution}
     * </pre>
     */
    public static Var rectified(Convolution c, Var x, Var w, Var bias) {
        Tensor y = c.rectified(x.value(), w.value(), bias.value(), null);
        return Var.record(
                "rectifiedConvolution",
                y,
                () -> masked(y, affine(c, x, w, bias, y.shape())),
                () -> Curvature.expansion(
                        v -> convolution(c, v.get(0), v.get(1), v.get(2)).relu(), x, w, bias),
                x,
                w,
                bias);
    }

    /**
     * As {@link #rectified(Convolution, Var, Var, Var)}, with what goes around the convolution added before.
     *
     * <pre>
     *   h = w ⋆ x + b + r      y = max(h, 0)      dy = [y &gt; 0] ⊙ dh      r̄ = h̄ = [y &gt; 0] ⊙ u
     * </pre>
     *
     * @param r [B, O, H′, W′]
     */
    public static Var rectified(Convolution c, Var x, Var w, Var bias, Var r) {
        Tensor y = c.rectified(x.value(), w.value(), bias.value(), r.value());
        return Var.record(
                "rectifiedConvolution",
                y,
                () -> masked(
                        y,
                        LinearMap.sum(
                                images(c, x, w.value(), y.shape()),
                                filters(c, x.value(), w, y.shape()),
                                shift(bias, y.shape()),
                                r.partial(d -> d, u -> u))),
                () -> Curvature.expansion(
                        v -> convolution(c, v.get(0), v.get(1), v.get(2))
                                .plus(v.get(3))
                                .relu(),
                        x,
                        w,
                        bias,
                        r),
                x,
                w,
                bias,
                r);
    }

    /** [y &gt; 0] ⊙ what the map gives. */
    static LinearMap masked(Tensor y, LinearMap map) {
        return new LinearMap() {
            @Override
            public Tensor push(@Nullable Tensor... tangents) {
                return map.push(tangents).zip(Binary.WHERE_POSITIVE, y);
            }

            @Override
            public @Nullable Tensor[] pull(Tensor u) {
                return map.pull(u.zip(Binary.WHERE_POSITIVE, y));
            }
        };
    }

    /** What {@code w ⋆ x + b} is by each of the three. */
    private static LinearMap affine(Convolution c, Var x, Var w, Var bias, Shape y) {
        return LinearMap.sum(images(c, x, w.value(), y), filters(c, x.value(), w, y), shift(bias, y));
    }

    private static LinearMap.@Nullable Partial shift(Var bias, Shape y) {
        Shape plane = Shape.of(y.dim(1), 1, 1);
        return bias.partial(
                d -> Blocks.broadcast(d.reshape(plane.prepend(d.dim(0))), y),
                u -> Blocks.sumTo(u, plane).reshape(u.dim(0), plane.dim(0)));
    }

    /**
     * The transposed convolution, the adjoint of {@link #convolution} by the images: x [B, I, H′, W′] with filters w [I, O/groups, kh, kw] → [B, O, H, W],
     * H = (H′ − 1) · stride − top − bottom + dilation (kh − 1) + 1 + extra, W likewise.
     *
     * <pre>
     *   y = wᵀ ⋆ x      dy = wᵀ ⋆ dx + dwᵀ ⋆ x      x̄ = w ⋆ u      w̄[i, o] = Σ_b x[b, i] ⋆ u[b, o]
     * </pre>
     *
     * @param extra rows and columns more at the end, which the stride leaves open: from 0 to stride − 1
     */
    public static Var transposed(Convolution c, Var x, Var w, int extra) {
        Shape sx = x.shape();
        Shape sw = w.shape();
        if (sx.rank() != 4 || sw.rank() != 4 || sx.dim(1) != sw.dim(0) || extra < 0 || extra >= c.stride()) {
            throw new IllegalArgumentException(
                    "transposed: x [B, I, H, W], filters [I, O/groups, kh, kw] and extra in [0, " + c.stride()
                            + ") needed, not " + sx + ", " + sw + " and " + extra);
        }
        int height = (sx.dim(2) - 1) * c.stride() - c.top() - c.bottom() + c.dilation() * (sw.dim(2) - 1) + 1 + extra;
        int width = (sx.dim(3) - 1) * c.stride() - c.left() - c.right() + c.dilation() * (sw.dim(3) - 1) + 1 + extra;
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("transposed: images " + height + " x " + width + " of x " + sx
                    + " and filters " + sw + " are none");
        }
        Shape images = Shape.of(sx.dim(0), Math.multiplyExact(sw.dim(1), c.groups()), height, width);
        Tensor tx = x.value();
        Tensor tw = w.value();
        return Var.record(
                "transposedConvolution",
                c.pullImages(tx, tw, images),
                () -> LinearMap.sum(
                        x.partial(
                                d -> {
                                    Tensor folded = fold(d);
                                    return c.pullImages(folded, tw, images.with(0, folded.dim(0)))
                                            .reshape(images.prepend(d.dim(0)));
                                },
                                u -> c.value(fold(u), tw).reshape(sx.prepend(u.dim(0)))),
                        w.partial(
                                d -> each(d, images, v -> c.pullImages(tx, v, images)),
                                u -> each(u, sw, v -> c.pullFilters(v, tx, sw)))),
                () -> Curvature.bilinear(
                        x,
                        w,
                        (u, dw) -> each(dw, sx, d -> c.value(u.row(0), d)),
                        (u, dx) -> each(dx, sw, d -> c.pullFilters(u.row(0), d, sw))),
                x,
                w);
    }

    private static LinearMap.@Nullable Partial images(Convolution c, Var x, Tensor w, Shape y) {
        Shape s = x.shape();
        return x.partial(d -> c.value(fold(d), w).reshape(y.prepend(d.dim(0))), u -> {
            Tensor images = fold(u);
            return c.pullImages(images, w, s.with(0, images.dim(0))).reshape(s.prepend(u.dim(0)));
        });
    }

    private static LinearMap.@Nullable Partial filters(Convolution c, Tensor x, Var w, Shape y) {
        Shape s = w.shape();
        return w.partial(d -> each(d, y, v -> c.value(x, v)), u -> each(u, s, v -> c.pullFilters(x, v, s)));
    }

    /** The second derivative, of what is linear in images and in filters: x̄ meets dw, w̄ meets dx. */
    private static Curvature crossed(Convolution c, Var x, Var w) {
        Shape sx = x.shape();
        Shape sw = w.shape();
        return Curvature.bilinear(
                x,
                w,
                (u, dw) -> each(dw, sx, d -> c.pullImages(u.row(0), d, sx)),
                (u, dx) -> each(dx, sw, d -> c.pullFilters(d, u.row(0), sw)));
    }

    /** [K, B, ...] → [K · B, ...]: directions as images. */
    static Tensor fold(Tensor block) {
        Shape s = block.shape();
        return block.reshape(s.slice(1, s.rank()).with(0, Math.multiplyExact(s.dim(0), s.dim(1))));
    }

    /** f of each direction, a tensor of shape s: [K, *s]. */
    private static Tensor each(Tensor block, Shape s, UnaryOperator<Tensor> f) {
        int directions = block.dim(0);
        if (directions == 1) {
            return f.apply(block.row(0)).reshape(s.prepend(1));
        }
        Tensor all = Tensor.uninitialised(block.device(), block.dtype(), s.prepend(directions));
        for (int k = 0; k < directions; k++) {
            all.row(k).assign(f.apply(block.row(k)));
        }
        return all;
    }
}
