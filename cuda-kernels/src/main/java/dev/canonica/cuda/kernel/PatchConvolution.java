package dev.canonica.cuda.kernel;

import dev.canonica.cuda.driver.Launch;
import dev.canonica.cuda.driver.Launches;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.MatrixBatch;

/**
 * Convolutions as matrix products. An image's patches are written as the columns of a matrix P [groups · filterSize, positions]; then
 *
 * <pre>
 *   value        y[b] = w P(x[b]) + bias
 *   by images    x̄[b] = Pᵀ(wᵀ u[b])        Pᵀ adds each patch back where it came from
 *   by filters   w̄    = Σ_b u[b] P(x[b])ᵀ   in the order of b
 * </pre>
 *
 * group by group. The patches of some images are made at a time. Filters of one weight that move by one step see the image itself as P.
 */
final class PatchConvolution implements DeviceConvolution {
    /** Of patches at a time, unless one image has more. */
    private static final long PATCH_BYTES = 256L << 20;

    private final Launches launches;
    private final CudaKernels kernels;
    private final DeviceWorkspace workspace;

    PatchConvolution(Launches launches, CudaKernels kernels, DeviceWorkspace workspace) {
        this.launches = launches;
        this.kernels = kernels;
        this.workspace = workspace;
    }

    @Override
    public void value(Filters f, long x, long w, long bias, long y) {
        long outputs = (long) f.groups() * f.outputs();
        long n = f.batch() * outputs * f.window().positions();
        if (bias != 0) {
            Launch launch = launches.begin().address(bias).address(y).count(n).count(outputs);
            kernels.elements(launch.count(f.window().positions()), "fill_channels", n);
        }
        forImages(f, (first, images) -> {
            long p = patches(f, x, first, images);
            multiply(
                    f,
                    images,
                    false,
                    w,
                    p,
                    bias != 0,
                    at(y, first * outputs * f.window().positions()));
        });
    }

    @Override
    public void pullImages(Filters f, long u, long w, long x) {
        long outputs = (long) f.groups() * f.outputs();
        forImages(f, (first, images) -> {
            long cotangents = at(u, first * outputs * f.window().positions());
            long target = at(x, first * imageSize(f));
            if (f.window().isPlain()) {
                multiply(f, images, true, w, cotangents, false, target);
                return;
            }
            long p = workspace.take(kernels.bytes() * images * patchSize(f));
            multiply(f, images, true, w, cotangents, false, p);
            long n = images * imageSize(f);
            kernels.elements(
                    launches.begin()
                            .window(f.window())
                            .address(p)
                            .address(target)
                            .count(n),
                    "patches_adjoint",
                    n);
        });
    }

    @Override
    public void pullFilters(Filters f, long x, long u, long w) {
        long outputs = (long) f.groups() * f.outputs();
        int positions = Math.toIntExact(f.window().positions());
        int size = f.filterSize();
        if (f.batch() == 0) {
            kernels.fill(0, w, outputs * size);
        }
        forImages(f, (first, images) -> {
            long p = patches(f, x, first, images);
            for (long b = first; b < first + images; b++) {
                MatrixBatch cotangents = batch(at(u, b * outputs * positions), f.outputs(), positions, f.groups());
                MatrixBatch some = batch(at(p, (b - first) * patchSize(f)), size, positions, f.groups());
                kernels.gemm(cotangents, some.transpose(), b > 0, batch(w, f.outputs(), size, f.groups()));
            }
        });
    }

    /** y[b] = w p[b], or wᵀ p[b], for each image and group. */
    private void multiply(Filters f, long images, boolean transposed, long w, long p, boolean accumulate, long y) {
        int positions = Math.toIntExact(f.window().positions());
        int size = f.filterSize();
        int rows = transposed ? size : f.outputs();
        int depth = transposed ? f.outputs() : size;
        // the products of one group, or those of one image, are a batch
        boolean byImage = f.groups() == 1;
        for (long i = 0; i < (byImage ? 1 : images); i++) {
            int count = byImage ? Math.toIntExact(images) : f.groups();
            MatrixBatch filters = batch(w, f.outputs(), size, byImage ? 1 : count);
            kernels.gemm(
                    transposed ? filters.transpose() : filters,
                    batch(at(p, i * f.groups() * depth * positions), depth, positions, count),
                    accumulate,
                    batch(at(y, i * f.groups() * rows * positions), rows, positions, count));
        }
    }

    /** Matrices, one after the other. */
    private static MatrixBatch batch(long address, int rows, int columns, int count) {
        return MatrixBatch.of(address, rows, columns).times(count, (long) rows * columns);
    }

    /** P of some images. */
    private long patches(Filters f, long x, long first, long images) {
        long source = at(x, first * imageSize(f));
        if (f.window().isPlain()) {
            return source;
        }
        long n = images * patchSize(f);
        long p = workspace.take(kernels.bytes() * n);
        kernels.elements(
                launches.begin().window(f.window()).address(source).address(p).count(n), "patches", n);
        return p;
    }

    private static long imageSize(Filters f) {
        return (long) f.groups() * f.channels() * f.window().planeSize();
    }

    private static long patchSize(Filters f) {
        return (long) f.groups() * f.filterSize() * f.window().positions();
    }

    private long at(long base, long elements) {
        return base + kernels.bytes() * elements;
    }

    /** Work on images [first, first + images). */
    @FunctionalInterface
    private interface Images {
        void run(long first, long images);
    }

    private void forImages(Filters f, Images work) {
        long together =
                Math.clamp(PATCH_BYTES / Math.max(1, kernels.bytes() * patchSize(f)), 1, Math.max(1, f.batch()));
        for (long first = 0; first < f.batch(); first += together) {
            work.run(first, Math.min(together, f.batch() - first));
        }
    }
}
