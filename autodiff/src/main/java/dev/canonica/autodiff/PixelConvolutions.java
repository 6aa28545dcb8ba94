package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import dev.canonica.tensor.operation.Pixels;
import org.jspecify.annotations.Nullable;

/** Convolutions of images with channels last by fixed filters, see {@link Pixels}: of networks in use, differentiated by their images alone. */
public final class PixelConvolutions {
    private PixelConvolutions() {}

    /**
     * Convolution of images x [B, H, W, C], or planes [B, C, H, W], with filters w [O, C, kh, kw] and a bias [O]: [B, H′, W′, O].
     *
     * <pre>
     *   y = w ⋆ x + b      dy = w ⋆ dx      x̄ = wᵀ ⋆ u          (the transposed convolution)
     * </pre>
     *
     * @param planes whether x is planes
     */
    public static Var convolution(Convolution c, Var x, boolean planes, Tensor w, Tensor bias) {
        Tensor y = Pixels.convolution(c, x.value(), planes, w, bias);
        return Var.recordLinear("pixelConvolution", y, () -> LinearMap.sum(images(c, x, planes, w, y.shape())), x);
    }

    /**
     * As {@link #convolution}, and the positive part.
     *
     * <pre>
     *   h = w ⋆ x + b      y = max(h, 0)      dy = [y &gt; 0] ⊙ dh      h̄ = [y &gt; 0] ⊙ u
     * </pre>
     */
    public static Var rectified(Convolution c, Var x, boolean planes, Tensor w, Tensor bias) {
        Tensor y = Pixels.rectified(c, x.value(), planes, w, bias, null);
        return Var.recordLinear(
                "rectifiedPixelConvolution",
                y,
                () -> Convolutions.masked(y, LinearMap.sum(images(c, x, planes, w, y.shape()))),
                x);
    }

    /**
     * As {@link #rectified(Convolution, Var, boolean, Tensor, Tensor)}, with what goes around the convolution added before.
     *
     * <pre>
     *   h = w ⋆ x + b + r      y = max(h, 0)      dy = [y &gt; 0] ⊙ dh      r̄ = h̄ = [y &gt; 0] ⊙ u
     * </pre>
     *
     * @param r [B, H′, W′, O]
     */
    public static Var rectified(Convolution c, Var x, boolean planes, Tensor w, Tensor bias, Var r) {
        Tensor y = Pixels.rectified(c, x.value(), planes, w, bias, r.value());
        return Var.recordLinear(
                "rectifiedPixelConvolution",
                y,
                () -> Convolutions.masked(
                        y, LinearMap.sum(images(c, x, planes, w, y.shape()), r.partial(d -> d, u -> u))),
                x,
                r);
    }

    private static LinearMap.@Nullable Partial images(Convolution c, Var x, boolean planes, Tensor w, Shape y) {
        Shape s = x.shape();
        return x.partial(
                d -> Pixels.convolution(c, Convolutions.fold(d), planes, w, null)
                        .reshape(y.prepend(d.dim(0))),
                u -> {
                    Tensor cotangents = Convolutions.fold(u);
                    return Pixels.pullImages(c, cotangents, planes, w, s.with(0, cotangents.dim(0)))
                            .reshape(s.prepend(u.dim(0)));
                });
    }
}
