package dev.canonica.tensor.vector.convolution;

import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Scratch;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.Workers;
import dev.canonica.tensor.vector.product.Microkernels;

/**
 * Convolution and its adjoints as matrix products with parts of the patch matrix X of {@link Patches}:
 *
 * <pre>
 *   Y = W X      X̄ = Wᵀ U, folded back to pixels      W̄ = Σ U Xᵀ      (sums over images, then positions)
 * </pre>
 *
 * With stride 1, X̄ is itself a convolution, of U with the filters turned by 180° and their channels and outputs exchanged. Filters of 3 × 3 with stride 1
 * and channels enough go by {@link Winograd} instead.
 */
public final class VectorConvolution {
    /** Floats of the patch matrix made at a time to be folded: 512 KiB. */
    private static final int BLOCK = 1 << 17;

    private final Kernels kernels;
    private final Filters f;
    private final Window w;
    private final int positions;
    private final long imageX;
    private final long imageY;
    private final long filters;

    private VectorConvolution(Kernels kernels, Filters f) {
        this.kernels = kernels;
        this.f = f;
        w = f.window();
        positions = Math.toIntExact(w.positions());
        imageX = 4L * f.channels() * w.planeSize(); // bytes of one group of an image
        imageY = 4L * f.outputs() * w.positions();
        filters = 4L * f.outputs() * f.filterSize();
    }

    /** {@link Kernels#convolution}. */
    public static void value(Microkernels micro, Filters f, long x, long w, long packed, long bias, long y) {
        FilterProduct.of(micro, f, w, false).compute(x, packed, bias, y);
    }

    /** {@link Kernels#packedBytes(Filters)}. */
    public static long packedBytes(Microkernels micro, Filters f) {
        return FilterProduct.of(micro, f, 0, false).packedBytes();
    }

    /** {@link Kernels#pack(Filters, long, long)}. */
    public static void pack(Microkernels micro, Filters f, long w, long packed) {
        FilterProduct.of(micro, f, w, false).pack(packed);
    }

    /** {@link Kernels#convolutionPullImages}, for which the filters are turned where the stride is 1, and patches folded back elsewhere. */
    public static void pullImages(Microkernels micro, Kernels kernels, Filters f, long u, long w, long x) {
        if (f.window().stride() == 1) {
            FilterProduct.of(micro, f.turned(), w, true).compute(u, 0, 0, x);
        } else {
            new VectorConvolution(kernels, f).foldBack(u, w, x);
        }
    }

    /** {@link Kernels#convolutionPullFilters}. */
    public static void pullFilters(Microkernels micro, Filters f, long x, long u, long w) {
        if (Winograd.suitsOuterProduct(micro.emission(), f)) {
            new WinogradOuterProduct(micro, f, x, u, w).compute();
        } else {
            new PatchOuterProduct(micro, f, x, u, w).compute();
        }
    }

    private void foldBack(long u, long weights, long x) {
        int slice = slice(f.batch());
        int slices = Math.ceilDiv(f.channels(), slice);
        Workers.run(Math.multiplyExact(f.batch() * f.groups(), slices), job -> {
            long image = job / slices;
            int c = job % slices * slice;
            int channels = Math.min(slice, f.channels() - c);
            int k = channels * w.kernelSize();
            long part = weights + image % f.groups() * filters + 4L * c * w.kernelSize();
            long target = x + image * imageX + 4L * c * w.planeSize();
            kernels.fill(0, target, channels * w.planeSize());
            int block = block(k);
            for (int n0 = 0; n0 < positions; n0 += block) {
                int count = Math.min(block, positions - n0);
                Patches patches = new Patches(w, n0, count);
                int n = patches.stride();
                long columns = Scratch.take(4L * k * n);
                MatrixBatch some = new MatrixBatch(part, k, f.outputs(), true, f.filterSize());
                MatrixBatch places =
                        new MatrixBatch(u + image * imageY + 4L * n0, f.outputs(), count, false, positions);
                kernels.gemm(some, places, false, new MatrixBatch(columns, k, count, false, n));
                patches.fold(columns, n, 0, k, target);
            }
        });
    }

    /** Positions taken at a time for k rows of the patch matrix. */
    private int block(int k) {
        return Math.min(positions, Math.max(64, BLOCK / Math.max(1, k) & -32));
    }

    /** Channels that a job takes, so that there are some 16 jobs. */
    private int slice(int images) {
        long jobs = Math.ceilDiv(16L, Math.max(1, (long) images * f.groups()));
        return (int) Math.max(1, Math.ceilDiv(f.channels(), jobs));
    }
}
