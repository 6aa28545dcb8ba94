package dev.canonica.tensor.operation;

import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.ChannelsLast;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.Addresses;
import org.jspecify.annotations.Nullable;

/**
 * Images with channels last, [B, H, W, C]: the numbers of a position are neighbours, so that a convolution is a product of rows with a matrix, what follows it is done in the product, and positions that are no multiple of a
 * vector waste nothing. Inference of residual networks on the processor goes by it; where the device has no kernels for it, the same is done by planes.
 */
public final class Pixels {
    private Pixels() {}

    /** Whether convolutions like this one, of tensors like this one, are faster with channels last. */
    public static boolean suits(Tensor like, Convolution c) {
        return c.groups() == 1 && c.dilation() == 1 && like.kernels().channelsLast();
    }

    /** Planes [B, C, H, W] as [B, H, W, C]. */
    public static Tensor ofPlanes(Tensor x) {
        return x.permute(0, 2, 3, 1);
    }

    /** [B, H, W, C] as planes [B, C, H, W]. */
    public static Tensor toPlanes(Tensor x) {
        return x.permute(0, 3, 1, 2);
    }

    /**
     * {@link Convolution#value(Tensor, Tensor, Tensor)} with channels last.
     *
     * @param x [B, H, W, C], or planes [B, C, H, W]
     * @param planes whether x is planes
     * @param w [O, C, kh, kw]
     * @param bias [O]; null for none
     * @return [B, H′, W′, O]
     */
    public static Tensor convolution(Convolution c, Tensor x, boolean planes, Tensor w, @Nullable Tensor bias) {
        return convolution(c, x, planes, w, bias, false, null);
    }

    /**
     * {@link Convolution#rectified} with channels last.
     *
     * @param x [B, H, W, C], or planes [B, C, H, W]
     * @param planes whether x is planes
     * @param w [O, C, kh, kw]
     * @param bias [O]; null for none
     * @param residual [B, H′, W′, O]; null for none
     * @return [B, H′, W′, O]
     */
    public static Tensor rectified(
            Convolution c, Tensor x, boolean planes, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual) {
        return convolution(c, x, planes, w, bias, true, residual);
    }

    private static Tensor convolution(
            Convolution c,
            Tensor x,
            boolean planes,
            Tensor w,
            @Nullable Tensor bias,
            boolean rectified,
            @Nullable Tensor residual) {
        Filters f = c.checked(planes ? x.shape() : planes(x.shape()), x, w, bias);
        Window window = f.window();
        Shape output = Shape.of(f.batch(), window.rows(), window.columns(), w.dim(0));
        if (residual != null) {
            Operands.sameType("convolution", x, residual);
            if (!residual.shape().equals(output)) {
                throw new IllegalArgumentException("convolution: residual " + residual.shape() + ", needed " + output);
            }
        }
        if (!suits(x, c) || f.filterSize() == 0) {
            Tensor images = planes ? x : toPlanes(x);
            Tensor y = rectified
                    ? c.rectified(images, w, bias, residual == null ? null : toPlanes(residual))
                    : c.value(images, w, bias);
            return ofPlanes(y);
        }
        Tensor y = x.like(output);
        run(new ChannelsLast(f, planes, false, rectified), x, w, bias, residual, y);
        return y;
    }

    private static void run(
            ChannelsLast c, Tensor x, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual, Tensor y) {
        try (Addresses at = Addresses.open()) {
            long weights = at.of(w);
            long packed = Packs.of(at, w, c);
            x.kernels()
                    .convolutionLast(
                            c, at.of(x), weights, packed, at.ofNullable(bias), at.ofNullable(residual), at.of(y));
        }
    }

    /**
     * The adjoint of {@link #convolution} by the images. With stride 1 it is a convolution with channels last, too, by the filters turned; else it is taken with planes.
     *
     * @param u [B, H′, W′, O]
     * @param planes whether the images are planes
     * @param w [O, C, kh, kw]
     * @param images their shape, [B, H, W, C] or [B, C, H, W]
     */
    public static Tensor pullImages(Convolution c, Tensor u, boolean planes, Tensor w, Shape images) {
        Shape shape = planes ? images : planes(images);
        Filters f = c.checked(shape, u, w, null);
        Window window = f.window();
        Shape output = Shape.of(f.batch(), window.rows(), window.columns(), w.dim(0));
        if (!u.shape().equals(output)) {
            throw new IllegalArgumentException("convolution: cotangent of shape " + u.shape() + ", needed " + output);
        }
        if (planes || c.stride() != 1 || !suits(u, c) || f.outputs() * window.kernelSize() == 0) {
            Tensor x = c.pullImages(toPlanes(u), w, shape);
            return planes ? x : ofPlanes(x);
        }
        Tensor x = u.like(images);
        run(new ChannelsLast(f.turned(), false, true, false), u, w, null, null, x);
        return x;
    }

    /** {@link PoolWindow#max(Tensor)} of [B, H, W, C]. */
    public static Tensor max(PoolWindow pool, Tensor x) {
        if (!x.kernels().channelsLast()) {
            return ofPlanes(pool.max(toPlanes(x)));
        }
        Window w = pool.window(planes(x.shape()));
        Tensor y = x.like(Shape.of(x.dim(0), w.rows(), w.columns(), x.dim(3)));
        try (Addresses at = Addresses.open()) {
            x.kernels().maxPixels(w, at.of(x), at.of(y), x.dim(0), x.dim(3));
        }
        return y;
    }

    private static Shape planes(Shape x) {
        if (x.rank() != 4) {
            throw new IllegalArgumentException("channels last: images [B, H, W, C] needed, not " + x);
        }
        return Shape.of(x.dim(0), x.dim(3), x.dim(1), x.dim(2));
    }
}
