package dev.canonica.tensor.vector.convolution;

import dev.canonica.tensor.kernel.ChannelsLast;
import dev.canonica.tensor.kernel.Epilogue;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Split;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.vector.code.Workspace;
import dev.canonica.tensor.vector.elements.RowKernels;
import dev.canonica.tensor.vector.product.Microkernels;
import dev.canonica.tensor.vector.product.Product;

/**
 * Convolution with channels last as a product Y = X W: a row of X is what the filters see at one position, a row of Y its outputs. Under filters of a single pixel X is the images
 * themselves; else some of its rows at a time are copied together, each a few runs of neighbouring numbers. The bias, the residual and the positive part are taken in the kernels. Filters of 3 × 3 with
 * stride 1 go by {@link PixelWinograd}.
 *
 * <p>Each output is one chain of fused multiply-adds, begun with the bias, in the order of (p, q, c), or of (c, p, q) where the images lie in planes: the same bits in any batch. For machines with AVX-512.
 */
public final class PixelConvolution {
    /** Bytes of X that are copied together: half of the second-level cache. */
    private static final long BLOCK = 1L << 20;

    private static final int LINE = 16; // floats of a cache line

    private final Microkernels kernels;
    private final ChannelsLast c;
    private final Filters f;
    private final Window w;
    private final int k;
    private final int stride; // floats from one row of X to the next

    private PixelConvolution(Microkernels kernels, ChannelsLast c) {
        this.kernels = kernels;
        this.c = c;
        f = c.filters();
        w = f.window();
        k = f.filterSize();
        int lines = Math.ceilDiv(k, LINE) * LINE;
        stride = 4L * lines % (MatrixBatch.ALIAS_BYTES / 2) == 0 ? lines + LINE : lines;
    }

    /** Bytes of the packed filters. */
    public static long packedBytes(Microkernels kernels, ChannelsLast c) {
        Filters f = c.filters();
        return PixelWinograd.suits(kernels, c)
                ? new PixelWinograd(kernels, c).packedBytes()
                : Product.packedBytes(kernels, f.outputs(), f.filterSize());
    }

    /** Packs filters [outputs, channels, height, width]. */
    public static void pack(Microkernels kernels, ChannelsLast c, long weights, long packed) {
        if (PixelWinograd.suits(kernels, c)) {
            new PixelWinograd(kernels, c).pack(weights, packed);
        } else {
            new PixelConvolution(kernels, c).pack(weights, packed);
        }
    }

    /**
     * The outputs of images.
     *
     * @param weights filters [outputs, channels, height, width], which are not read if they are packed
     * @param packed what {@link #pack} made of them; 0 for none
     * @param bias 0 for none
     * @param residual 0 for none
     */
    public static void value(
            Microkernels kernels, ChannelsLast c, long x, long weights, long packed, long bias, long residual, long y) {
        Filters f = c.filters();
        if (f.batch() == 0 || f.outputs() == 0) {
            return;
        }
        long filters = packed;
        if (packed == 0) {
            filters = Workspace.own().b(packedBytes(kernels, c));
            pack(kernels, c, weights, filters);
        }
        if (PixelWinograd.suits(kernels, c)) {
            new PixelWinograd(kernels, c).compute(x, filters, bias, residual, y);
        } else {
            new PixelConvolution(kernels, c).compute(x, filters, bias, residual, y);
        }
    }

    private void pack(long weights, long packed) {
        MatrixBatch right = MatrixBatch.of(weights, f.outputs(), k).transpose();
        if (c.turned() && w.kernelSize() == 1) {
            right = MatrixBatch.of(weights, k, f.outputs());
        } else if (!c.planes() && w.kernelSize() > 1) {
            right = right.in(Workspace.own().a(4L * f.outputs() * k));
            pixelsFirst(weights, right.address());
        }
        Product.packRight(kernels, right, packed);
    }

    /** Filters [outputs, channels, window] as [outputs, window, channels]; those that are turned are [channels, outputs, window], from the last element of the window to the first. */
    private void pixelsFirst(long from, long to) {
        int window = w.kernelSize();
        int channels = f.channels();
        Split.rows(f.outputs(), k, (first, end) -> {
            for (long o = first; o < end; o++) {
                for (int e = 0; e < window; e++) {
                    for (int i = 0; i < channels; i++) {
                        long source = c.turned()
                                ? ((long) i * f.outputs() + o) * window + window - 1 - e
                                : (o * channels + i) * window + e;
                        RowKernels.set(to + 4 * (o * k + (long) e * channels + i), RowKernels.get(from + 4 * source));
                    }
                }
            }
        });
    }

    private void compute(long x, long packed, long bias, long residual, long y) {
        boolean inPlace = !c.planes()
                && w.kernelSize() == 1
                && w.stride() == 1
                && w.positions() == w.planeSize()
                && 4L * k % MatrixBatch.ALIAS_BYTES != 0;
        if (inPlace) {
            multiply(x, k, Math.toIntExact(f.batch() * w.positions()), packed, bias, residual, y);
            return;
        }
        long lines = (long) f.batch() * w.rows();
        long block = Math.max(1, BLOCK / (4L * w.columns() * stride));
        block = Math.ceilDiv(lines, Math.ceilDiv(lines, block));
        long rows = Workspace.own().panel(4L * block * w.columns() * stride);
        PixelRows patches = new PixelRows(c, stride);
        for (long first = 0; first < lines; first += block) {
            long from = first;
            long count = Math.min(block, lines - first);
            Split.rows(count, (long) w.columns() * k, (a, b) -> {
                for (long line = a; line < b; line++) {
                    patches.copy(x, from + line, rows + 4 * line * w.columns() * stride);
                }
            });
            long done = 4 * first * w.columns() * f.outputs();
            multiply(
                    rows,
                    stride,
                    Math.toIntExact(count * w.columns()),
                    packed,
                    bias,
                    residual == 0 ? 0 : residual + done,
                    y + done);
        }
    }

    private void multiply(long x, int step, int rows, long packed, long bias, long residual, long y) {
        MatrixBatch left = new MatrixBatch(x, rows, k, false, step);
        Product product = new Product(
                        kernels, left, MatrixBatch.of(0, k, f.outputs()), false, MatrixBatch.of(y, rows, f.outputs()))
                .from(packed);
        (c.rectified() ? product.rectified(bias, residual) : product.with(Epilogue.bias(bias))).computeInPlace();
    }
}
