package dev.canonica.cuda.kernel;

import dev.canonica.cuda.driver.Launch;
import dev.canonica.cuda.driver.Launches;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.kernel.Window;

/**
 * Convolutions by the kernels of implicit.cuh, without patches in memory. The filters are copied first, so that outputs are neighbours:
 *
 * <pre>
 *   value        y = w P(x) + bias    filters [groups, kernelSize, channels, outputs]
 *   by images    x̄ = w̄ P̄(u)          filters [groups, kernelSize, outputs, channels]
 *   by filters   w̄ = Σ u P(x)ᵀ        the sum over all places of all images
 * </pre>
 *
 * Where a product has few tiles, its sum is cut into parts, which are added in order by a second kernel. How many is a matter of the shape alone.
 */
final class ImplicitConvolution implements DeviceConvolution {
    private static final int THREADS = 64; // LANES × LANES of implicit.cuh
    private static final int DEEP = 16;

    /** Blocks that keep a large GPU busy: about four for each of its multiprocessors. */
    private static final int BLOCKS = 512;

    /** Panels of a part at least, so that adding the parts costs little beside them. */
    private static final int PANELS = 16;

    private final Launches launches;
    private final CudaKernels kernels;
    private final DeviceWorkspace workspace;
    private final int edge; // EDGE of implicit.cuh

    ImplicitConvolution(Launches launches, CudaKernels kernels, DeviceWorkspace workspace) {
        this.launches = launches;
        this.kernels = kernels;
        this.workspace = workspace;
        this.edge = kernels.wide() ? 32 : 64;
    }

    /** Where the images are read: Sampling of implicit.cuh. */
    private record Sampling(
            int batch,
            int groups,
            int channels,
            int outputs,
            int height,
            int width,
            int rows,
            int columns,
            int kernelHeight,
            int kernelWidth,
            int stride,
            int dilation,
            int top,
            int left,
            int division) {
        static Sampling of(Filters f) {
            Window w = f.window();
            return new Sampling(
                    f.batch(),
                    f.groups(),
                    f.channels(),
                    f.outputs(),
                    w.height(),
                    w.width(),
                    w.rows(),
                    w.columns(),
                    w.kernelHeight(),
                    w.kernelWidth(),
                    w.stride(),
                    w.dilation(),
                    -w.top(),
                    -w.left(),
                    1);
        }

        /** Of the adjoint by the images, which reads what a convolution writes: i = (row + top − p · dilation) / stride. */
        static Sampling adjoint(Filters f) {
            Window w = f.window();
            return new Sampling(
                    f.batch(),
                    f.groups(),
                    f.outputs(),
                    f.channels(),
                    w.rows(),
                    w.columns(),
                    w.height(),
                    w.width(),
                    w.kernelHeight(),
                    w.kernelWidth(),
                    1,
                    -w.dilation(),
                    w.top(),
                    w.left(),
                    w.stride());
        }

        int kernelSize() {
            return kernelHeight * kernelWidth;
        }

        /** Elements of the filters. */
        long filters() {
            return (long) groups * kernelSize() * channels * outputs;
        }

        /** Elements of what is written. */
        long size() {
            return (long) batch * groups * outputs * rows * columns;
        }

        Launch begin(Launch launch) {
            return launch.integers(
                    batch,
                    groups,
                    channels,
                    outputs,
                    height,
                    width,
                    rows,
                    columns,
                    kernelHeight,
                    kernelWidth,
                    stride,
                    dilation,
                    top,
                    left,
                    division);
        }
    }

    @Override
    public void value(Filters f, long x, long w, long bias, long y) {
        long size = f.filterSize();
        long taps = f.window().kernelSize();
        convolve(Sampling.of(f), x, w, new long[] {f.outputs() * size, 1, taps, size}, bias, y);
    }

    @Override
    public void pullImages(Filters f, long u, long w, long x) {
        long size = f.filterSize();
        long taps = f.window().kernelSize();
        convolve(Sampling.adjoint(f), u, w, new long[] {f.outputs() * size, 1, size, taps}, 0, x);
    }

    /** The filters lie in w by these strides, of group, element of the window, channel that is read, and output. */
    private void convolve(Sampling s, long x, long w, long[] strides, long bias, long y) {
        if (s.size() == 0) {
            return;
        }
        long remainders = (long) s.division * s.division;
        long places = (long) s.batch * Math.ceilDiv(s.rows, s.division) * Math.ceilDiv(s.columns, s.division);
        long blocks = s.groups * remainders * Math.ceilDiv(places, edge) * Math.ceilDiv(s.outputs, edge);
        long panels = Math.ceilDiv(s.kernelSize(), remainders) * Math.ceilDiv(s.channels, DEEP);
        int parts = parts(blocks, panels);

        long filters = workspace.take(kernels.bytes() * (s.filters() + (parts == 1 ? 0 : parts * s.size())));
        long[] extents = {s.groups, s.kernelSize(), s.channels, s.outputs};
        long matrix = (long) s.channels * s.outputs;
        long[] dense = {s.kernelSize() * matrix, matrix, s.outputs, 1};
        if (s.filters() > 0) {
            kernels.copy(new Walk(extents, new long[][] {strides, dense}), w, filters);
        }
        long target = parts == 1 ? y : filters + kernels.bytes() * s.filters();
        Launch launch = s.begin(launches.begin()).integer(parts).address(x).address(filters);
        run(launch.address(bias).address(target), "convolve", parts * blocks);
        add(parts, target, y, s.size());
    }

    @Override
    public void pullFilters(Filters f, long x, long u, long w) {
        Sampling s = Sampling.of(f);
        long places = s.batch * f.window().positions();
        if (places == 0 || s.filters() == 0) {
            kernels.fill(0, w, s.filters());
            return;
        }
        long blocks = (long) s.groups * Math.ceilDiv(f.filterSize(), edge) * Math.ceilDiv(s.outputs, edge);
        int parts = parts(blocks, Math.ceilDiv(places, DEEP));
        long target = parts == 1 ? w : workspace.take((long) kernels.bytes() * parts * s.filters());
        Launch launch = s.begin(launches.begin()).integer(parts).address(x).address(u);
        run(launch.address(target), "convolve_filters", parts * blocks);
        add(parts, target, w, s.filters());
    }

    /** Into how many parts a sum of so many panels is cut; at most {@link #BLOCKS}, which the sum of a column takes in one go. */
    private static int parts(long blocks, long panels) {
        return (int) Math.clamp(BLOCKS / blocks, 1, Math.max(1, Math.ceilDiv(panels, PANELS)));
    }

    private void run(Launch launch, String kernel, long blocks) {
        launch.grid(launches.context(), kernel + kernels.type(), blocks, 1, 1, THREADS, 1);
    }

    private void add(int parts, long from, long to, long size) {
        if (parts > 1) {
            kernels.sum(from, to, 1, parts, size);
        }
    }
}
