package dev.canonica.tensor.operation;

import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.Addresses;
import org.jspecify.annotations.Nullable;

/**
 * Two-dimensional convolution, as neural networks mean it (a correlation, no filter is flipped), of images [B, C, H, W] with filters
 * [O, C/groups, kh, kw], zeros put around the images:
 *
 * <pre>
 *   y[b, o, i, j] = bias[o] + Σ_{c, p, q} w[o, c, p, q] · x[b, c, i·stride + p·dilation − top, j·stride + q·dilation − left]
 *
 *   H′ = ⌊(top + H + bottom − dilation (kh − 1) − 1) / stride⌋ + 1,  W′ likewise
 * </pre>
 *
 * It is linear in the images and in the filters; {@link #pullImages} and {@link #pullFilters} are the two adjoints.
 *
 * @param stride step of the filters, down and to the right
 * @param dilation distance of neighbouring weights on the image
 * @param groups group g of the filters sees group g of the channels alone
 */
public record Convolution(int stride, int top, int bottom, int left, int right, int dilation, int groups) {
    /** Checks that stride, dilation and groups are at least 1, and no padding is negative. */
    public Convolution {
        if (stride < 1 || dilation < 1 || groups < 1 || top < 0 || bottom < 0 || left < 0 || right < 0) {
            throw new IllegalArgumentException(
                    "convolution: stride " + stride + ", dilation " + dilation + " and groups " + groups
                            + " must be positive, padding " + padding(top, bottom, left, right) + " not negative");
        }
    }

    /** Equal padding on all four sides, no dilation, one group. */
    public static Convolution of(int stride, int padding) {
        return new Convolution(stride, padding, padding, padding, padding, 1, 1);
    }

    /** Stride 1 and the padding that keeps the size of images, for square filters of an odd size. */
    public static Convolution same(int kernel) {
        if (kernel < 1 || kernel % 2 == 0) {
            throw new IllegalArgumentException(
                    "convolution: filters of odd size keep the size of images, not of size " + kernel);
        }
        return of(1, kernel / 2);
    }

    /** The convolution of images x with filters w: [B, O, H′, W′]. */
    public Tensor value(Tensor x, Tensor w) {
        return value(x, w, null);
    }

    /** The convolution of images x with filters w, and bias [O] (null for none) added to each output channel: [B, O, H′, W′]. */
    public Tensor value(Tensor x, Tensor w, @Nullable Tensor bias) {
        Filters f = checked(x, w, bias);
        Tensor y = x.like(output(f));
        try (Addresses at = Addresses.open()) {
            long weights = at.of(w);
            x.kernels().convolution(f, at.of(x), weights, Packs.of(at, w, f), at.ofNullable(bias), at.of(y));
        }
        return y;
    }

    /**
     * What residual networks make of a convolution, in place: max(value(x, w, bias) + residual, 0).
     *
     * @param residual [B, O, H′, W′]; null for none
     */
    public Tensor rectified(Tensor x, Tensor w, @Nullable Tensor bias, @Nullable Tensor residual) {
        Filters f = checked(x, w, bias);
        if (residual != null) {
            Operands.sameType("convolution", x, residual);
            if (!residual.shape().equals(output(f))) {
                throw new IllegalArgumentException(
                        "convolution: residual " + residual.shape() + ", needed " + output(f));
            }
        }
        Tensor y = x.like(output(f));
        try (Addresses at = Addresses.open()) {
            long weights = at.of(w);
            x.kernels().convolution(f, at.of(x), weights, Packs.of(at, w, f), at.ofNullable(bias), at.of(y));
            x.kernels().rectify(at.ofNullable(residual), at.of(y), y.size());
        }
        return y;
    }

    private Filters checked(Tensor x, Tensor w, @Nullable Tensor bias) {
        return checked(x.shape(), x, w, bias);
    }

    /** For x of images of this shape, [B, C, H, W]. */
    Filters checked(Shape images, Tensor x, Tensor w, @Nullable Tensor bias) {
        Operands.sameType("convolution", x, w);
        Filters f = filters(images, w.shape());
        if (bias != null) {
            Operands.sameType("convolution", x, bias);
            if (!bias.shape().equals(Shape.of(w.dim(0)))) {
                throw new IllegalArgumentException("convolution: bias " + bias.shape() + " for filters " + w.shape());
            }
        }
        return f;
    }

    /**
     * The adjoint by the images: Σ_b ⟨u, value(x, w)⟩ = ⟨pullImages(u, w), x⟩.
     *
     * @param u [B, O, H′, W′]
     * @param images the shape [B, C, H, W] of the images, which does not follow from that of u
     */
    public Tensor pullImages(Tensor u, Tensor w, Shape images) {
        Operands.sameType("convolution", u, w);
        Filters f = filters(images, w.shape());
        checkCotangent(u, f);
        Tensor x = u.like(images);
        try (Addresses at = Addresses.open()) {
            u.kernels().convolutionPullImages(f, at.of(u), at.of(w), at.of(x));
        }
        return x;
    }

    /**
     * The adjoint by the filters: ⟨u, value(x, w)⟩ = ⟨pullFilters(x, u), w⟩.
     *
     * @param u [B, O, H′, W′]
     * @param filters the shape [O, C/groups, kh, kw] of the filters, which does not follow from those of x and u
     */
    public Tensor pullFilters(Tensor x, Tensor u, Shape filters) {
        Operands.sameType("convolution", x, u);
        Filters f = filters(x.shape(), filters);
        checkCotangent(u, f);
        Tensor w = u.like(filters);
        try (Addresses at = Addresses.open()) {
            u.kernels().convolutionPullFilters(f, at.of(x), at.of(u), at.of(w));
        }
        return w;
    }

    private Filters filters(Shape x, Shape w) {
        if (x.rank() != 4 || w.rank() != 4) {
            throw new IllegalArgumentException(
                    "convolution: images [B, C, H, W] and filters [O, C/groups, kh, kw] needed, not " + x + " and "
                            + w);
        }
        if (w.dim(0) % groups != 0) {
            throw new IllegalArgumentException(
                    "convolution: " + w.dim(0) + " filters do not divide into " + groups + " groups");
        }
        if (x.dim(1) != (long) w.dim(1) * groups) {
            throw new IllegalArgumentException(
                    "convolution: filters " + w + (groups == 1 ? "" : " in " + groups + " groups") + " take "
                            + (long) w.dim(1) * groups + " channels, images " + x + " have " + x.dim(1));
        }
        int rows = extent(x.dim(2), w.dim(2), top, bottom);
        int columns = extent(x.dim(3), w.dim(3), left, right);
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "convolution: filters " + w + (dilation == 1 ? "" : " with dilation " + dilation)
                            + " do not fit on images " + x + " with padding " + padding(top, bottom, left, right));
        }
        Window window = new Window(x.dim(2), x.dim(3), w.dim(2), w.dim(3), stride, dilation, top, left, rows, columns);
        return new Filters(x.dim(0), groups, w.dim(1), w.dim(0) / groups, window);
    }

    private int extent(int size, int kernel, int before, int after) {
        long reach = (long) dilation * (kernel - 1) + 1;
        return kernel == 0 ? 0 : Math.toIntExact(Math.floorDiv((long) before + size + after - reach, stride) + 1);
    }

    private static Shape output(Filters f) {
        return Shape.of(
                f.batch(),
                f.groups() * f.outputs(),
                f.window().rows(),
                f.window().columns());
    }

    private static void checkCotangent(Tensor u, Filters f) {
        if (!u.shape().equals(output(f))) {
            throw new IllegalArgumentException(
                    "convolution: cotangent of shape " + u.shape() + ", needed " + output(f));
        }
    }

    private static String padding(int top, int bottom, int left, int right) {
        return top == bottom && top == left && top == right
                ? String.valueOf(top)
                : "(top " + top + ", bottom " + bottom + ", left " + left + ", right " + right + ")";
    }
}
