package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Winograd.MATRICES;

import dev.canonica.tensor.NativeMemory;
import dev.canonica.tensor.Workers;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Scratch;
import java.lang.foreign.MemorySegment;

/**
 * The adjoint of convolution by the filters, by {@link Winograd}: with M̄ = A ȳ Aᵀ for each tile of the cotangents, the adjoint of the transform
 * that makes outputs,
 *
 * <pre>
 *   Ū_i = Σ_tiles M̄_i V_iᵀ      ḡ = Gᵀ Ū G
 * </pre>
 *
 * Tiles are transformed some hundred at a time, which each of the sixteen products then adds to what there is.
 */
final class WinogradOuterProduct {
    /** Bytes of transformed tiles at a time: they stay in the last cache. */
    private static final long TILES = 1L << 22;

    /** Bytes of Ū at a time. */
    private static final long GRADIENTS = 1L << 24;

    private static final int LANES = 16;

    /** Floats that keep sixteen streams from evicting each other. */
    private static final int APART = 16;

    private final Filters f;
    private final Winograd winograd;
    private final VectorKernels kernels;
    private final long x;
    private final long u;
    private final long weights;
    private final int tiles;

    /** The gradient by filters, to be written to {@code weights}, of images x with cotangents u. */
    WinogradOuterProduct(VectorKernels kernels, Filters f, long x, long u, long weights) {
        this.kernels = kernels;
        this.f = f;
        this.x = x;
        this.u = u;
        this.weights = weights;
        winograd = new Winograd(f);
        tiles = winograd.tiles();
    }

    void compute() {
        int channels = f.channels();
        long row = 4L * (channels + LANES); // bytes of a filter in one matrix of Ū, which is read in whole vectors
        int together = Math.clamp(GRADIENTS / (MATRICES * row), 1, f.outputs());
        int block = Math.clamp(
                TILES / (4L * MATRICES * (channels + together)) & -LANES, LANES, (tiles + LANES - 1) & -LANES);
        int stride = block + APART;
        long nextV = 4L * stride * channels;
        long nextM = 4L * stride * together;
        long nextU = row * together;
        long v = Scratch.take(MATRICES * (nextV + nextM + nextU));
        long m = v + MATRICES * nextV;
        long gradients = m + MATRICES * nextM;
        for (int from = 0; from < f.outputs(); from += together) {
            int output = from;
            int outputs = Math.min(together, f.outputs() - from);
            for (int first = 0; first < tiles; first += block) {
                int start = first;
                int count = Math.min(block, tiles - first);
                int jobs = Math.ceilDiv(count, LANES);
                Workers.run(2 * jobs, job -> {
                    int at = job / 2 * LANES;
                    int n = Math.min(LANES, count - at);
                    if (job % 2 == 0) {
                        winograd.images(x, start + at, n, v + 4L * at, 4L * stride, nextV);
                    } else {
                        winograd.cotangents(u, output, outputs, start + at, n, m + 4L * at, 4L * stride, nextM);
                    }
                });
                kernels.gemm(
                        MATRICES,
                        false,
                        true,
                        outputs,
                        channels,
                        count,
                        m,
                        stride,
                        nextM / 4,
                        v,
                        stride,
                        nextV / 4,
                        first > 0,
                        gradients,
                        (int) (row / 4),
                        nextU / 4);
            }
            Workers.run(outputs, o -> gradient(gradients + o * row, nextU, output + o));
        }
    }

    /** ḡ = Gᵀ Ū G of one filter. */
    private void gradient(long source, long next, int output) {
        int window = f.window().kernelSize();
        int vectors = Math.ceilDiv(f.channels(), LANES);
        long elements = Workspace.own().tile(4L * LANES * (window * vectors + window * vectors + LANES));
        long filter = elements + 4L * LANES * window * vectors;
        WinogradCode.Call.own()
                .place(0, elements, 4L * LANES * window)
                .matrices(source, 4L * LANES, next)
                .run(WinogradCode.GRADIENTS, vectors);
        for (int i = 0;
                i < vectors;
                i++) { // rows of nine in whole vectors: what is beyond is overwritten by the next row
            long nine = elements + 4L * LANES * window * i;
            Transposer.instance().run(nine, 4L * LANES, window, filter + 4L * LANES * window * i, 4L * window);
        }
        long size = 4L * f.filterSize();
        MemorySegment.copy(NativeMemory.ALL, filter, NativeMemory.ALL, weights + output * size, size);
    }
}
