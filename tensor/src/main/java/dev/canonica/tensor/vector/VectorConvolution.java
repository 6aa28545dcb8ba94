package dev.canonica.tensor.vector;

import dev.canonica.tensor.Workers;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Scratch;
import dev.canonica.tensor.kernel.Split;
import dev.canonica.tensor.kernel.Window;

/**
 * Convolution and its adjoints as matrix products with the patch matrix X of {@link Unfold}, of which a block of positions is made at a
 * time, small enough for the cache:
 *
 * <pre>
 *   Y = W X      X̄ = Wᵀ U, folded back to pixels      W̄ = Σ U Xᵀ      (sums over images, then positions)
 * </pre>
 */
final class VectorConvolution {
    /** Floats of the patch matrix made at a time: 512 KiB. */
    private static final int BLOCK = 1 << 17;

    private final VectorKernels kernels;
    private final Filters f;
    private final Window w;
    private final Unfold patches;
    private final int positions;
    private final long imageX;
    private final long imageY;
    private final long filters;

    private VectorConvolution(VectorKernels kernels, Filters f) {
        this.kernels = kernels;
        this.f = f;
        w = f.window();
        patches = new Unfold(w);
        positions = Math.toIntExact(w.positions());
        imageX = 4 * f.channels() * w.planeSize(); // bytes of one group of an image
        imageY = 4 * f.outputs() * w.positions();
        filters = 4L * f.outputs() * f.filterSize();
    }

    static void value(VectorKernels kernels, Filters f, long x, long w, long bias, long y) {
        new VectorConvolution(kernels, f).value(x, w, bias, y);
    }

    static void pullImages(VectorKernels kernels, Filters f, long u, long w, long x) {
        new VectorConvolution(kernels, f).pullImages(u, w, x);
    }

    static void pullFilters(VectorKernels kernels, Filters f, long x, long u, long w) {
        new VectorConvolution(kernels, f).pullFilters(x, u, w);
    }

    private void value(long x, long weights, long bias, long y) {
        if (bias != 0) {
            Split.rows((long) f.batch() * f.groups() * f.outputs(), positions, (from, to) -> {
                for (long r = from; r < to; r++) {
                    float b = RowKernels.get(bias + 4 * (r % ((long) f.groups() * f.outputs())));
                    kernels.fill(b, y + 4 * r * positions, positions);
                }
            });
        }
        if (f.isPointwise()) {
            for (int g = 0; g < f.groups(); g++) {
                kernels.gemm(
                        f.batch(),
                        false,
                        false,
                        f.outputs(),
                        positions,
                        f.channels(),
                        weights + g * filters,
                        f.channels(),
                        0,
                        x + g * imageX,
                        positions,
                        f.groups() * imageX / 4,
                        bias != 0,
                        y + g * imageY,
                        positions,
                        f.groups() * imageY / 4);
            }
            return;
        }
        int k = f.filterSize();
        int block = block(k);
        int blocks = Math.ceilDiv(positions, block);
        Workers.run(Math.multiplyExact(f.batch() * f.groups(), blocks), job -> {
            long image = job / blocks; // b · groups + g
            int n0 = job % blocks * block;
            int n = Math.min(block, positions - n0);
            long columns = Scratch.take(4L * k * n);
            patches.unfold(x + image * imageX, 0, k, n0, n0 + n, columns, n);
            product(
                    false,
                    false,
                    f.outputs(),
                    n,
                    k,
                    weights + image % f.groups() * filters,
                    k,
                    columns,
                    n,
                    bias != 0,
                    y + image * imageY + 4L * n0,
                    positions);
        });
    }

    private void pullImages(long u, long weights, long x) {
        if (f.isPointwise()) {
            for (int g = 0; g < f.groups(); g++) {
                kernels.gemm(
                        f.batch(),
                        true,
                        false,
                        f.channels(),
                        positions,
                        f.outputs(),
                        weights + g * filters,
                        f.channels(),
                        0,
                        u + g * imageY,
                        positions,
                        f.groups() * imageY / 4,
                        false,
                        x + g * imageX,
                        positions,
                        f.groups() * imageX / 4);
            }
            return;
        }
        int slice = slice(f.batch());
        int slices = Math.ceilDiv(f.channels(), slice);
        Workers.run(Math.multiplyExact(f.batch() * f.groups(), slices), job -> {
            long image = job / slices;
            int c = job % slices * slice;
            int channels = Math.min(slice, f.channels() - c);
            int k = channels * w.kernelSize();
            long part = 4L * c * w.kernelSize();
            long target = x + image * imageX + 4 * c * w.planeSize();
            kernels.fill(0, target, channels * w.planeSize());
            int block = block(k);
            long columns = Scratch.take(4L * k * block);
            for (int n0 = 0; n0 < positions; n0 += block) {
                int n = Math.min(block, positions - n0);
                product(
                        true,
                        false,
                        k,
                        n,
                        f.outputs(),
                        weights + image % f.groups() * filters + part,
                        f.filterSize(),
                        u + image * imageY + 4L * n0,
                        positions,
                        false,
                        columns,
                        n);
                patches.fold(columns, n, 0, k, n0, n0 + n, target);
            }
        });
    }

    private void pullFilters(long x, long u, long weights) {
        if (f.batch() == 0) {
            kernels.fill(0, weights, f.groups() * filters / 4);
            return;
        }
        int slice = slice(1);
        int slices = Math.ceilDiv(f.channels(), slice);
        Workers.run(f.groups() * slices, job -> {
            long g = job / slices;
            int c = job % slices * slice;
            int k = Math.min(slice, f.channels() - c) * w.kernelSize();
            long target = weights + g * filters + 4L * c * w.kernelSize();
            int block = block(k);
            long columns = f.isPointwise() ? 0 : Scratch.take(4L * k * block);
            boolean more = false;
            for (int b = 0; b < f.batch(); b++) {
                long image = (long) b * f.groups() + g;
                long source = x + image * imageX + 4 * c * w.planeSize();
                for (int n0 = 0; n0 < positions; n0 += block) {
                    int n = Math.min(block, positions - n0);
                    long v = u + image * imageY + 4L * n0;
                    if (f.isPointwise()) {
                        product(
                                false,
                                true,
                                f.outputs(),
                                k,
                                n,
                                v,
                                positions,
                                source + 4L * n0,
                                positions,
                                more,
                                target,
                                f.filterSize());
                    } else {
                        patches.unfold(source, 0, k, n0, n0 + n, columns, n);
                        product(false, true, f.outputs(), k, n, v, positions, columns, n, more, target, f.filterSize());
                    }
                    more = true;
                }
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

    private void product(
            boolean ta,
            boolean tb,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long b,
            int ldb,
            boolean more,
            long c,
            int ldc) {
        kernels.gemm(1, ta, tb, m, n, k, a, lda, 0, b, ldb, 0, more, c, ldc, 0);
    }
}
