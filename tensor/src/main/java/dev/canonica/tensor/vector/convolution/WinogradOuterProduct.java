package dev.canonica.tensor.vector.convolution;

import static dev.canonica.tensor.vector.convolution.Winograd.MATRICES;
import static dev.canonica.tensor.vector.product.Microkernels.COLUMNS;

import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Scratch;
import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.vector.code.Workspace;
import dev.canonica.tensor.vector.convolution.WinogradCall.Matrices;
import dev.canonica.tensor.vector.product.Microkernel;
import dev.canonica.tensor.vector.product.Microkernels;
import dev.canonica.tensor.vector.product.Product;
import dev.canonica.tensor.vector.product.Strips;
import dev.canonica.tensor.vector.product.Strips.Left;
import dev.canonica.tensor.vector.product.Strips.Panel;
import dev.canonica.tensor.vector.product.Strips.Result;
import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;

/**
 * The adjoint of convolution by the filters, by {@link Winograd}: with M̄ = A u Aᵀ for each tile of the cotangents u, the adjoint of the transform
 * that makes outputs,
 *
 * <pre>
 *   Ū_i = Σ_tiles M̄_i V_iᵀ      ḡ = Gᵀ Ū G
 * </pre>
 *
 * Tiles are transformed some hundred at a time, straight into the form in which a {@link Microkernel} reads them: their number is the summed index, so that the
 * vectors of sixteen tiles are transposed, which is done while they are in the first-level cache. Each of the sixteen products is then added to what there is.
 *
 * <p>Each element of Ū is one chain of fused multiply-adds in the order of tiles: the same bits on any number of threads.
 */
final class WinogradOuterProduct {
    /** Tiles in one pass, at most: a panel then fits the first-level cache. */
    private static final int DEPTH = 256;

    /** Bytes of transformed tiles at a time: they stay in the last cache. */
    private static final long TILES = 1L << 24;

    /** Bytes of Ū at a time. */
    private static final long GRADIENTS = 1L << 24;

    private static final int LANES = 16;

    /** Channels of images in a job. */
    private static final int CHANNELS = 2 * COLUMNS;

    /** Strips of outputs in a job. */
    private static final int STRIPS = 4;

    /** Bytes that keep sixteen streams from evicting each other. */
    private static final long APART = 64;

    private static final long VECTOR = 4L * LANES;

    private final Microkernels kernels;
    private final Filters f;
    private final Winograd winograd;
    private final long x;
    private final long u;
    private final long weights;
    private final int tiles;
    private final int channels;
    private final int panels; // of channels

    /** The gradient by filters, to be written to {@code weights}, of images x with cotangents u. */
    WinogradOuterProduct(Microkernels kernels, Filters f, long x, long u, long weights) {
        this.kernels = kernels;
        this.f = f;
        this.x = x;
        this.u = u;
        this.weights = weights;
        winograd = new Winograd(f);
        tiles = winograd.tiles();
        channels = f.channels();
        panels = Math.ceilDiv(channels, COLUMNS);
    }

    void compute() {
        long row = 4L * (channels + LANES); // bytes of a filter in one matrix of Ū, which is read in whole vectors
        int together = Math.clamp(GRADIENTS / (MATRICES * row), 1, f.outputs());
        int most = Math.clamp(TILES / (4L * MATRICES * (channels + together)) & -LANES, LANES, DEPTH);
        int depth = Math.ceilDiv(tiles, Math.ceilDiv(tiles, most)) + LANES - 1 & -LANES;
        long panelBytes = 4L * COLUMNS * depth;
        long nextV = panels * panelBytes + APART;
        long nextU = row * together;
        long nextM = Strips.of(kernels, together).count()
                        * Strips.of(kernels, together).packedBytes(depth)
                + APART;
        long v = Scratch.take(MATRICES * (nextV + nextM + nextU));
        long m = v + MATRICES * nextV;
        long gradients = m + MATRICES * nextM;
        for (int from = 0; from < f.outputs(); from += together) {
            int output = from;
            int outputs = Math.min(together, f.outputs() - from);
            Strips strips = Strips.of(kernels, outputs);
            long stripBytes = strips.packedBytes(depth);
            int groups = Math.ceilDiv(channels, CHANNELS);
            for (int begin = 0; begin < tiles; begin += depth) {
                int first = begin;
                int count = Math.min(depth, tiles - first);
                forEach(outputs, groups + Math.ceilDiv(strips.count(), STRIPS), job -> {
                    if (job < groups) {
                        images(job * CHANNELS, first, count, v, panelBytes, nextV);
                    } else {
                        cotangents(output, strips, (job - groups) * STRIPS, first, count, m, stripBytes, nextM);
                    }
                });
                forEach(outputs, MATRICES * panels, job -> {
                    int matrix = job / panels;
                    int panel = job % panels;
                    strips.multiply(
                            0,
                            strips.count(),
                            count,
                            Left.packed(m + matrix * nextM, stripBytes),
                            Panel.packed(
                                    v + matrix * nextV + panel * panelBytes,
                                    Math.min(COLUMNS, channels - panel * COLUMNS)),
                            new Result(gradients + matrix * nextU + 4L * COLUMNS * panel, row, first > 0));
                });
            }
            forEach(outputs, outputs, o -> gradient(gradients + o * row, nextU, output + o));
        }
    }

    private void forEach(int outputs, int jobs, IntConsumer body) {
        Product.forEach((double) MATRICES * outputs * channels * tiles, jobs, body);
    }

    /** V of some tiles for the channels of a job, in panels. */
    private void images(int channel, int first, int count, long v, long panelBytes, long nextV) {
        int n = Math.min(CHANNELS, channels - channel);
        long next = n * VECTOR + APART;
        long vectors = Workspace.own().tile(MATRICES * next);
        Matrices matrices = new Matrices(vectors, VECTOR, next);
        for (int t = 0; t < count; t += LANES) {
            winograd.images(x, channel, n, first + t, Math.min(LANES, count - t), matrices);
            for (int matrix = 0; matrix < MATRICES; matrix++) {
                for (int c = 0; c < n; c += LANES) {
                    long panel = v + matrix * nextV + (channel + c) / COLUMNS * panelBytes;
                    kernels.transposer()
                            .run(
                                    vectors + matrix * next + c * VECTOR,
                                    VECTOR,
                                    Math.min(LANES, n - c),
                                    panel + 4L * ((long) t * COLUMNS + (channel + c) % COLUMNS),
                                    4L * COLUMNS);
                }
            }
        }
    }

    /** M̄ of some tiles for the strips of a job. What a strip's last vector is too long by is overwritten by the next tiles'. */
    private void cotangents(
            int output, Strips strips, int strip, int first, int count, long m, long stripBytes, long nextM) {
        int end = Math.min(strips.count(), strip + STRIPS);
        int row = strips.row(strip);
        int n = strips.row(end) - row;
        long next = n * VECTOR + APART;
        long vectors = Workspace.own().tile(MATRICES * next);
        Matrices matrices = new Matrices(vectors, VECTOR, next);
        for (int t = 0; t < count; t += LANES) {
            winograd.cotangents(u, output + row, n, first + t, Math.min(LANES, count - t), matrices);
            for (int matrix = 0; matrix < MATRICES; matrix++) {
                for (int s = strip; s < end; s++) {
                    int rows = strips.rows(s);
                    kernels.transposer()
                            .run(
                                    vectors + matrix * next + (strips.row(s) - row) * VECTOR,
                                    VECTOR,
                                    rows,
                                    m + matrix * nextM + s * stripBytes + 4L * t * rows,
                                    4L * rows);
                }
            }
        }
    }

    /** ḡ = Gᵀ Ū G of one filter. */
    private void gradient(long source, long next, int output) {
        int window = f.window().kernelSize();
        int vectors = Math.ceilDiv(f.channels(), LANES);
        long elements = Workspace.own().tile(4L * LANES * (window * vectors + window * vectors + LANES));
        long filter = elements + 4L * LANES * window * vectors;
        WinogradCall.own()
                .place(0, elements, 4L * LANES * window)
                .matrices(new Matrices(source, 4L * LANES, next))
                .run(WinogradFilters.GRADIENTS, vectors);
        for (int i = 0;
                i < vectors;
                i++) { // rows of nine in whole vectors: what is beyond is overwritten by the next row
            long nine = elements + 4L * LANES * window * i;
            kernels.transposer().run(nine, 4L * LANES, window, filter + 4L * LANES * window * i, 4L * window);
        }
        long size = 4L * f.filterSize();
        MemorySegment.copy(NativeMemory.ALL, filter, NativeMemory.ALL, weights + output * size, size);
    }
}
