package dev.canonica.cuda.kernel;

import dev.canonica.cuda.driver.CudaContext;
import dev.canonica.cuda.driver.Launch;
import dev.canonica.cuda.driver.Launches;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.Attention;
import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.kernel.Epilogue;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.kernel.Window;

/** The kernels of {@code src/main/cuda} for one real type: each method queues one kernel or a few. */
public final class CudaKernels implements Kernels {
    /** Elements of a sum that one block adds: longer ones are cut, by their length alone, and the parts' sums added. */
    private static final int CHUNK = 1 << 14;

    private static final int COLUMNS = 32; // of a block of reduce_columns
    private static final int COLUMN_LANES = 8; // threads that share a column

    private final Launches launches;
    private final CudaContext context;
    private final boolean wide;
    private final Gemm gemm;
    private final String type;
    private final DeviceConvolution convolution;
    private final CudaAttention attention;
    private final DeviceWorkspace callers; // of those that ask for it
    private final DeviceWorkspace own; // of the methods here

    /**
     * The kernels of a device for one type.
     *
     * @param wide F64, else F32
     */
    public CudaKernels(Device device, Launches launches, boolean wide, Gemm gemm) {
        this.launches = launches;
        this.context = launches.context();
        this.wide = wide;
        this.gemm = gemm;
        this.type = wide ? "_f64" : "_f32";
        this.callers = new DeviceWorkspace(device, context);
        this.own = new DeviceWorkspace(device, context);
        this.convolution = DeviceConvolution.of(launches, this, own, gemm.isLibrary());
        this.attention = new CudaAttention(launches, this, own);
    }

    @Override
    public int bytes() {
        return wide ? 8 : 4;
    }

    @Override
    public boolean queued() {
        return true;
    }

    @Override
    public long workspace(long bytes) {
        return callers.take(bytes);
    }

    boolean wide() {
        return wide;
    }

    /** What the names of these kernels end with. */
    String type() {
        return type;
    }

    /** Copies elements of so many bytes. */
    public static void copy(Launches launches, int bytes, Walk walk, long x, long y) {
        long n = walk.size();
        launches.begin().walk(walk).address(x).address(y).count(n).elements(launches.context(), "copy_" + bytes, n);
    }

    private Launch launch() {
        return launches.begin();
    }

    /** Queues the kernel {@code kernel} of this type for n elements, with the parameters that {@code launch} has. */
    public void elements(Launch launch, String kernel, long n) {
        launch.elements(context, kernel + type, n);
    }

    private void rows(Launch launch, String kernel, long rows, long n) {
        launch.rows(context, kernel + type, rows, n);
    }

    @Override
    public void fill(double value, long y, long n) {
        elements(launch().real(wide, value).address(y).count(n), "fill", n);
    }

    @Override
    public void unary(Unary op, long x, long y, long n) {
        elements(launch().integer(op.ordinal()).address(x).address(y).count(n), "unary", n);
    }

    @Override
    public void affine(double scale, double shift, long x, long y, long n) {
        elements(
                launch().real(wide, scale)
                        .real(wide, shift)
                        .address(x)
                        .address(y)
                        .count(n),
                "affine",
                n);
    }

    @Override
    public void axpy(double scale, long x, long y, long n) {
        elements(launch().real(wide, scale).address(x).address(y).count(n), "axpy", n);
    }

    @Override
    public void binary(Binary op, Walk walk, long x, long y, long z) {
        long n = walk.size();
        elements(
                launch().integer(op.ordinal())
                        .walk(walk)
                        .address(x)
                        .address(y)
                        .address(z)
                        .count(n),
                "binary",
                n);
    }

    @Override
    public void ternary(Ternary op, Walk walk, long x, long y, long z, long r) {
        long n = walk.size();
        Launch launch = launch().flag(op == Ternary.MODULATE).walk(walk);
        elements(launch.address(x).address(y).address(z).address(r).count(n), "ternary", n);
    }

    @Override
    public void copy(Walk walk, long x, long y) {
        copy(launches, bytes(), walk, x, y);
    }

    @Override
    public void sum(long x, long y, long outer, long n, long inner) {
        reduce(false, x, y, outer, n, inner);
    }

    @Override
    public void max(long x, long y, long outer, long n, long inner) {
        reduce(true, x, y, outer, n, inner);
    }

    private void reduce(boolean maximum, long x, long y, long outer, long n, long inner) {
        if (outer * inner == 0) {
            return;
        }
        // Columns have few threads each, and are cut sooner.
        long size = inner == 1 ? CHUNK : CHUNK / COLUMNS;
        long chunks = Math.max(1, Math.ceilDiv(n, size));
        if (chunks == 1) {
            pass(maximum, x, y, outer, n, inner, size, 1);
        } else {
            long parts = own.take(bytes() * outer * chunks * inner);
            pass(maximum, x, parts, outer, n, inner, size, chunks);
            pass(maximum, parts, y, outer, chunks, inner, chunks, 1);
        }
    }

    private void pass(boolean maximum, long x, long y, long outer, long n, long inner, long size, long chunks) {
        Launch launch = launch().flag(maximum).address(x).address(y).count(n);
        if (inner == 1) {
            int block = n <= 4 * COLUMNS ? COLUMNS : Launch.BLOCK;
            launch.count(size).count(chunks).grid(context, "reduce_rows" + type, outer * chunks, 1, 1, block, 1);
        } else {
            long blocks = outer * chunks * Math.ceilDiv(inner, COLUMNS);
            launch.count(inner).count(size).count(chunks);
            launch.grid(context, "reduce_columns" + type, blocks, 1, 1, COLUMNS, COLUMN_LANES);
        }
    }

    @Override
    public void gemm(MatrixBatch a, MatrixBatch b, boolean accumulate, MatrixBatch c) {
        MatrixBatch.check(a, b, c);
        int k = a.columns();
        if (c.count() == 0 || c.rows() == 0 || c.columns() == 0 || (k == 0 && accumulate)) {
            return;
        }
        if (k == 0) {
            long[] extents = {c.count(), c.rows(), c.columns()};
            Walk zero = new Walk(extents, new long[][] {{0, 0, 0}, {c.stride(), c.rowStride(), 1}});
            long source = own.take(bytes());
            fill(0, source, 1);
            copy(zero, source, c.address());
            return;
        }
        gemm.gemm(wide, a, b, accumulate, c);
    }

    @Override
    public void linear(MatrixBatch x, MatrixBatch w, long packed, Epilogue epilogue, long y) {
        int m = x.rows();
        int n = w.columns();
        gemm(x, w, false, MatrixBatch.of(y, m, n));
        if (epilogue.equals(Epilogue.NONE)) {
            return;
        }
        Unary f = epilogue.f();
        long size = (long) m * n;
        Launch launch = launch().address(epilogue.bias())
                .integer(f == null ? -1 : f.ordinal())
                .integer(
                        f == null || epilogue.derivative() == 0
                                ? -1
                                : f.derivative().ordinal())
                .address(epilogue.derivative())
                .address(epilogue.ungated())
                .address(epilogue.gate())
                .integer(epilogue.gates())
                .integer(epilogue.repeat())
                .address(epilogue.residual());
        elements(launch.address(y).integer(n).count(size), "epilogue", size);
    }

    @Override
    public void softmax(double scale, long x, long y, long logSumExp, long rows, int n) {
        Launch launch = launch().real(wide, scale)
                .address(x)
                .address(y)
                .address(logSumExp)
                .count(rows)
                .integer(n);
        rows(launch, "softmax", rows, n);
    }

    @Override
    public void softmaxFrom(double scale, long x, long logSumExp, long y, long rows, int n) {
        long all = rows * n;
        Launch launch = launch().real(wide, scale)
                .address(x)
                .address(logSumExp)
                .address(y)
                .count(all)
                .integer(n);
        elements(launch, "softmax_from", all);
    }

    @Override
    public void softmaxDerivative(double scale, long y, long d, long r, int k, long rows, int n) {
        Launch launch = launch().real(wide, scale).address(y).address(d).address(r);
        rows(launch.count(k * rows).count(rows).integer(n), "softmax_derivative", k * rows, n);
    }

    @Override
    public void attention(Attention a, Attention.Operands x, long o, long logSumExp) {
        if (attention.takes(a)) {
            attention.value(a, x, o, logSumExp);
        } else {
            Kernels.super.attention(a, x, o, logSumExp);
        }
    }

    @Override
    public void attentionPush(
            Attention a, int directions, Attention.Operands x, long logSumExp, Attention.Operands dx, long dOut) {
        if (attention.takes(a)) {
            attention.push(a, directions, x, logSumExp, dx, dOut);
        } else {
            Kernels.super.attentionPush(a, directions, x, logSumExp, dx, dOut);
        }
    }

    @Override
    public void attentionPull(
            Attention a, int directions, Attention.Operands x, long logSumExp, long u, Attention.Operands dx) {
        if (attention.takes(a)) {
            attention.pull(a, directions, x, logSumExp, u, dx);
        } else {
            Kernels.super.attentionPull(a, directions, x, logSumExp, u, dx);
        }
    }

    /** dots[r] = ⟨x[r], y[r mod rows]⟩ for x [k, rows, n] and y [rows, n]. */
    void rowDots(long x, long y, long dots, int k, long rows, int n) {
        Launch launch = launch().address(x).address(y).address(dots);
        rows(launch.count(k * rows).count(rows).integer(n), "row_dots", k * rows, n);
    }

    @Override
    public void normalize(double epsilon, long x, long y, long s, long rows, int n) {
        Launch launch = launch().real(wide, epsilon)
                .address(x)
                .address(y)
                .address(s)
                .count(rows)
                .integer(n);
        rows(launch, "normalize", rows, n);
    }

    @Override
    public void normalizeDerivative(long y, long s, long d, long r, int k, long rows, int n) {
        Launch launch = launch().address(y).address(s).address(d).address(r);
        rows(launch.count(k * rows).count(rows).integer(n), "normalize_derivative", k * rows, n);
    }

    @Override
    public void channelNorm(ChannelNorm c, ChannelNorm.Point p, long shift, long y) {
        Launch launch = launch().channels(c)
                .real(wide, c.epsilon())
                .address(p.x())
                .address(p.scale())
                .address(shift)
                .address(y);
        rows(launch.address(p.mean()).address(p.variance()).count(c.rows()), "channel_norm", c.rows(), c.rowSize());
    }

    @Override
    public void channelNormPush(ChannelNorm c, int directions, ChannelNorm.Point p, ChannelNorm.Tangents d, long dy) {
        Launch launch = linearised(c, p).address(d.x()).address(d.scale()).address(d.shift());
        directions(launch.address(dy), "channel_norm_push", c, directions);
    }

    @Override
    public void channelNormPull(ChannelNorm c, int directions, ChannelNorm.Point p, long u, ChannelNorm.Tangents d) {
        Launch launch = linearised(c, p).address(u).address(d.x()).address(d.scale());
        directions(launch.address(d.shift()), "channel_norm_pull", c, directions);
    }

    private Launch linearised(ChannelNorm c, ChannelNorm.Point p) {
        return launch().channels(c)
                .real(wide, c.epsilon())
                .address(p.x())
                .address(p.scale())
                .address(p.mean())
                .address(p.variance());
    }

    private void directions(Launch launch, String kernel, ChannelNorm c, int directions) {
        long all = (long) directions * c.rows();
        rows(launch.count(all).count(c.rows()).count(c.size()), kernel, all, c.rowSize());
    }

    @Override
    public void gather(long x, long index, long y, long count, long width) {
        long n = count * width;
        elements(launch().address(x).address(index).address(y).count(n).count(width), "gather", n);
    }

    @Override
    public void scatterAdd(long x, long index, long y, long count, long width) {
        if (count * width > 0) {
            Launch launch =
                    launch().address(x).address(index).address(y).count(count).count(width);
            launch.grid(context, "scatter_add" + type, count, 1, 1, Launch.BLOCK, 1);
        }
    }

    @Override
    public void convolution(Filters f, long x, long w, long packed, long bias, long y) {
        convolution.value(f, x, w, bias, y);
    }

    @Override
    public void convolutionPullImages(Filters f, long u, long w, long x) {
        convolution.pullImages(f, u, w, x);
    }

    @Override
    public void convolutionPullFilters(Filters f, long x, long u, long w) {
        convolution.pullFilters(f, x, u, w);
    }

    @Override
    public void sumWindows(Window window, double scale, long x, long y, long planes) {
        long n = planes * window.positions();
        elements(launch().window(window).real(wide, scale).address(x).address(y).count(n), "sum_windows", n);
    }

    @Override
    public void spreadWindows(Window window, double scale, long u, long x, long planes) {
        long n = planes * window.planeSize();
        elements(launch().window(window).real(wide, scale).address(u).address(x).count(n), "spread_windows", n);
    }

    @Override
    public void maxWindows(Window window, long x, long y, long index, long planes) {
        long n = planes * window.positions();
        elements(launch().window(window).address(x).address(y).address(index).count(n), "max_windows", n);
    }

    @Override
    public void gatherPlanes(long x, long index, long y, int k, long planes, long size, long count) {
        long n = k * planes * count;
        Launch launch = launch().address(x).address(index).address(y).count(n);
        elements(launch.count(planes).count(size).count(count), "gather_planes", n);
    }

    @Override
    public void scatterPlanes(long u, long index, long x, int k, long planes, long size, long count) {
        if (k * planes * size > 0) {
            Launch launch = launch().address(u)
                    .address(index)
                    .address(x)
                    .count(planes)
                    .count(size)
                    .count(count);
            launch.grid(context, "scatter_planes" + type, k * planes, 1, 1, Launch.BLOCK, 1);
        }
    }

    @Override
    public void adamW(AdamW step, long x, long gradient, long m, long v, long n) {
        double[] scalars = {
            step.rate(),
            step.beta1(),
            step.beta2(),
            1 - step.beta1(),
            1 - step.beta2(),
            step.epsilon(),
            step.decay(),
            step.correction1(),
            step.correction2(),
            step.gradientScale()
        };
        Launch launch = launch();
        for (double scalar : scalars) {
            launch.real(wide, scalar);
        }
        elements(launch.address(x).address(gradient).address(m).address(v).count(n), "adam_w", n);
    }
}
