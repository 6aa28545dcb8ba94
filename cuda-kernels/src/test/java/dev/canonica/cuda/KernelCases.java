package dev.canonica.cuda;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.kernel.Epilogue;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.kernel.Window;
import java.util.ArrayList;
import java.util.List;

/** Every method of {@link Kernels}, on sizes that are multiples of nothing, of 1 and of 0. */
final class KernelCases {
    private final List<KernelCase> cases = new ArrayList<>();

    static List<KernelCase> all() {
        KernelCases c = new KernelCases();
        c.elements();
        c.walks();
        c.reductions();
        c.products();
        c.linear();
        c.rows();
        c.channels();
        c.indices();
        c.convolutions();
        c.pooling();
        c.cases.addAll(AttentionCases.all());
        return c.cases;
    }

    private void add(String name, KernelCase.Call call, long... sizes) {
        cases.add(KernelCase.of(name, call, sizes));
    }

    private void elements() {
        for (int n : new int[] {0, 1, 33, 1027}) {
            add("fill " + n, (k, p) -> k.fill(1.5, p[0], n), n);
            add("affine " + n, (k, p) -> k.affine(2.5, -1, p[0], p[1], n), n, n);
            add("axpy " + n, (k, p) -> k.axpy(-0.7, p[0], p[1], n), n, n);
            add("rectify " + n, (k, p) -> k.rectify(p[0], p[1], n), n, n);
            add("rectify alone " + n, (k, p) -> k.rectify(0, p[0], n), n);
            Kernels.AdamW step = new Kernels.AdamW(0.1, 0.9, 0.99, 0.1, 0.01, 0.2, 0.3, 0.5);
            // the second moment is that of a square
            add(
                    "adamW " + n,
                    (k, p) -> {
                        k.unary(Unary.SQUARE, p[3], p[3], n);
                        k.adamW(step, p[0], p[1], p[2], p[3], n);
                    },
                    n,
                    n,
                    n,
                    n);
        }
        for (Unary op : Unary.values()) {
            boolean positive = op == Unary.LOG || op == Unary.SQRT || op == Unary.RSQRT;
            add(
                    "unary " + op,
                    (k, p) -> {
                        if (positive) {
                            k.unary(Unary.ABS, p[0], p[0], 517);
                        }
                        k.unary(op, p[0], p[1], 517);
                    },
                    517,
                    517);
        }
        add("unary in place", (k, p) -> k.unary(Unary.TANH, p[0], p[0], 65), 65);
    }

    private void walks() {
        Shape s = Shape.of(3, 5, 7);
        for (Binary op : Binary.values()) {
            Walk walk = Walk.broadcast(
                    s.dims(), Shape.of(5, 1).dims(), Shape.of(3, 1, 7).dims());
            add("binary " + op, (k, p) -> k.binary(op, walk, p[0], p[1], p[2]), 5, 21, 105);
        }
        for (Ternary op : Ternary.values()) {
            Walk walk = Walk.broadcast(
                    s.dims(), s.dims(), Shape.of(3, 1, 7).dims(), Shape.of(7).dims());
            add("ternary " + op, (k, p) -> k.ternary(op, walk, p[0], p[1], p[2], p[3]), 105, 21, 7, 105);
        }
        Walk dense = Walk.broadcast(s.dims(), s.dims(), s.dims());
        add("binary dense", (k, p) -> k.binary(Binary.ADD, dense, p[0], p[1], p[2]), 105, 105, 105);
        Walk permuted = new Walk(new long[] {7, 5, 3}, new long[][] {{1, 7, 35}, {15, 3, 1}});
        add("copy permuted", (k, p) -> k.copy(permuted, p[0], p[1]), 105, 105);
        Walk empty = Walk.broadcast(
                Shape.of(0, 3).dims(), Shape.of(1, 3).dims(), Shape.of(0, 3).dims());
        add("copy of nothing", (k, p) -> k.copy(empty, p[0], p[1]), 3, 0);
    }

    private void reductions() {
        long[][] shapes = {
            {1, 1, 1},
            {3, 33, 1},
            {2, 300, 1},
            {1, 40_000, 1},
            {2, 17, 5},
            {1, 2000, 3},
            {3, 9, 70},
            {2, 0, 3},
            {0, 4, 4}
        };
        for (long[] s : shapes) {
            String name = s[0] + "x" + s[1] + "x" + s[2];
            add("sum " + name, (k, p) -> k.sum(p[0], p[1], s[0], s[1], s[2]), s[0] * s[1] * s[2], s[0] * s[2]);
            add("max " + name, (k, p) -> k.max(p[0], p[1], s[0], s[1], s[2]), s[0] * s[1] * s[2], s[0] * s[2]);
        }
    }

    private void products() {
        int[][] sizes = {{1, 1, 1}, {5, 7, 3}, {65, 66, 17}, {3, 130, 33}, {4, 4, 0}};
        for (int[] s : sizes) {
            for (int flags = 0; flags < 8; flags++) {
                gemm(2, (flags & 1) != 0, (flags & 2) != 0, s[0], s[1], s[2], (flags & 4) != 0);
            }
        }
        add(
                "gemm of nothing",
                (k, p) -> k.gemm(
                        MatrixBatch.of(p[0], 0, 2),
                        MatrixBatch.of(p[1], 2, 3),
                        false,
                        MatrixBatch.of(p[2], 0, 3).times(2, 0)),
                1,
                6,
                1);
    }

    private void linear() {
        epilogue(30);
        epilogue(0);
        int m = 12;
        int n = 7;
        int depth = 5;
        add(
                "linear",
                (k, p) -> k.linear(
                        MatrixBatch.of(p[0], m, depth),
                        MatrixBatch.of(p[1], n, depth).transpose(),
                        0,
                        Epilogue.NONE,
                        p[2]),
                60,
                35,
                84);
        add(
                "linear with bias, GELU and its derivative",
                (k, p) -> k.linear(
                        MatrixBatch.of(p[0], m, depth),
                        MatrixBatch.of(p[1], depth, n),
                        0,
                        Epilogue.bias(p[3]).activation(Unary.GELU, p[4]),
                        p[2]),
                60,
                35,
                84,
                7,
                84);
        // two gates of three rows, for two directions
        add(
                "linear with gate and residual",
                (k, p) -> k.linear(
                        MatrixBatch.of(p[0], m, depth),
                        MatrixBatch.of(p[1], n, depth).transpose(),
                        0,
                        Epilogue.bias(p[3]).gate(p[4], 2, 3, p[5]).plus(p[6]),
                        p[2]),
                60,
                35,
                84,
                7,
                14,
                84,
                84);
    }

    /** Every part of an epilogue, on more elements than one block has threads, and on none. */
    private void epilogue(int m) {
        int n = 67;
        int depth = 9;
        long size = (long) m * n;
        add(
                "linear with all that may follow, " + m + " rows",
                (k, p) -> {
                    Epilogue all =
                            Epilogue.bias(p[3]).activation(Unary.SILU, p[4]).gate(p[5], 2, 5, p[6]);
                    k.linear(
                            MatrixBatch.of(p[0], m, depth),
                            MatrixBatch.of(p[1], n, depth).transpose(),
                            0,
                            all.plus(p[7]),
                            p[2]);
                },
                (long) m * depth,
                (long) n * depth,
                size,
                n,
                size,
                2L * n,
                size,
                size);
        add(
                "linear with a residual, " + m + " rows",
                (k, p) -> k.linear(
                        MatrixBatch.of(p[0], m, depth),
                        MatrixBatch.of(p[1], n, depth).transpose(),
                        0,
                        Epilogue.NONE.plus(p[3]),
                        p[2]),
                (long) m * depth,
                (long) n * depth,
                size,
                size);
    }

    /** Rows are three elements longer than they need be, and products share B. */
    private void gemm(int batch, boolean ta, boolean tb, int m, int n, int depth, boolean accumulate) {
        int lda = (ta ? m : depth) + 3;
        int ldb = (tb ? depth : n) + 3;
        int ldc = n + 3;
        long a = (long) (ta ? depth : m) * lda;
        long b = (long) (tb ? n : depth) * ldb;
        long c = (long) m * ldc;
        String name =
                "gemm " + m + "x" + n + "x" + depth + (ta ? " ta" : "") + (tb ? " tb" : "") + (accumulate ? " +=" : "");
        add(
                name,
                (k, p) -> k.gemm(
                        new MatrixBatch(p[0], m, depth, ta, lda, batch, a),
                        new MatrixBatch(p[1], depth, n, tb, ldb),
                        accumulate,
                        new MatrixBatch(p[2], m, n, false, ldc, batch, c)),
                batch * a,
                b,
                batch * c);
    }

    private void rows() {
        for (int[] s : new int[][] {{1, 1}, {5, 33}, {9, 7}, {2, 300}, {0, 3}}) {
            int rows = s[0];
            int n = s[1];
            long size = (long) rows * n;
            int block = 3;
            String name = rows + "x" + n;
            add("softmax " + name, (k, p) -> k.softmax(0.7, p[0], p[1], p[2], rows, n), size, size, rows);
            add("softmax in place " + name, (k, p) -> k.softmax(2, p[0], p[0], 0, rows, n), size);
            add("softmaxFrom " + name, (k, p) -> k.softmaxFrom(0.7, p[0], p[1], p[2], rows, n), size, rows, size);
            add(
                    "softmaxDerivative " + name,
                    (k, p) -> k.softmaxDerivative(0.7, p[0], p[1], p[2], block, rows, n),
                    size,
                    block * size,
                    block * size);
            add(
                    "softmaxDerivative in place " + name,
                    (k, p) -> k.softmaxDerivative(1, p[0], p[1], p[1], block, rows, n),
                    size,
                    block * size);
            add("normalize " + name, (k, p) -> k.normalize(1e-2, p[0], p[1], p[2], rows, n), size, size, rows);
            add(
                    "normalizeDerivative " + name,
                    (k, p) -> k.normalizeDerivative(p[0], p[1], p[2], p[3], block, rows, n),
                    size,
                    rows,
                    block * size,
                    block * size);
        }
    }

    private void channels() {
        for (ChannelNorm c : List.of(
                ChannelNorm.batch(3, 5, 7, 1e-2),
                ChannelNorm.batch(2, 3, 300, 1e-2),
                ChannelNorm.groups(2, 6, 9, 3, 1e-2),
                ChannelNorm.groups(1, 4, 150, 2, 1e-2))) {
            String name = c.acrossImages() ? "images" : "groups";
            long size = c.size();
            long planes = (long) c.images() * c.channels();
            add(
                    "channelNorm " + name,
                    (k, p) -> k.channelNorm(c, new ChannelNorm.Point(p[0], p[1], p[4], p[5]), p[2], p[3]),
                    size,
                    c.channels(),
                    c.channels(),
                    size,
                    c.rows(),
                    c.rows());
            for (int missing = -1; missing < 3; missing++) {
                int none = missing;
                add(
                        "channelNormPush " + name + (none < 0 ? "" : " without tangent " + none),
                        (k, p) -> {
                            statistics(k, c, p);
                            k.channelNormPush(
                                    c,
                                    2,
                                    new ChannelNorm.Point(p[0], p[1], p[2], p[3]),
                                    new ChannelNorm.Tangents(
                                            none == 0 ? 0 : p[4], none == 1 ? 0 : p[5], none == 2 ? 0 : p[6]),
                                    p[7]);
                        },
                        size,
                        c.channels(),
                        c.rows(),
                        c.rows(),
                        2 * size,
                        2L * c.channels(),
                        2L * c.channels(),
                        2 * size);
            }
            for (boolean images : new boolean[] {true, false}) {
                add(
                        "channelNormPull " + name + (images ? "" : " without images"),
                        (k, p) -> {
                            statistics(k, c, p);
                            ChannelNorm.Tangents d = new ChannelNorm.Tangents(images ? p[5] : 0, p[6], p[7]);
                            k.channelNormPull(c, 2, new ChannelNorm.Point(p[0], p[1], p[2], p[3]), p[4], d);
                        },
                        size,
                        c.channels(),
                        c.rows(),
                        c.rows(),
                        2 * size,
                        2 * size,
                        2 * planes,
                        2 * planes);
            }
        }
    }

    /** Mean and variance to operands 2 and 3; what else is written is overwritten afterwards, or is not needed. */
    private static void statistics(Kernels k, ChannelNorm c, long[] p) {
        k.channelNorm(c, new ChannelNorm.Point(p[0], p[1], p[2], p[3]), p[1], p[4]);
    }

    private void indices() {
        cases.add(KernelCase.of("gather", (k, p) -> k.gather(p[0], p[2], p[1], 9, 5), 20, 45)
                .with(9, 8, 4));
        cases.add(KernelCase.of("gather of nothing", (k, p) -> k.gather(p[0], p[2], p[1], 0, 5), 20, 0)
                .with(0, 8, 4));
        cases.add(KernelCase.of("scatterAdd", (k, p) -> k.scatterAdd(p[0], p[2], p[1], 600, 3), 1800, 12)
                .with(600, 8, 4));
        cases.add(KernelCase.of("gatherPlanes", (k, p) -> k.gatherPlanes(p[0], p[2], p[1], 2, 3, 20, 6), 120, 36)
                .with(18, 4, 20));
        cases.add(KernelCase.of("scatterPlanes", (k, p) -> k.scatterPlanes(p[0], p[2], p[1], 2, 3, 300, 40), 240, 1800)
                .with(120, 4, 300));
    }

    private void convolutions() {
        Window same = new Window(6, 7, 3, 3, 1, 1, 1, 1, 6, 7);
        Window strided = new Window(9, 8, 3, 2, 2, 2, 2, 1, 4, 4);
        Window plain = new Window(4, 5, 1, 1, 1, 1, 0, 0, 4, 5);
        convolution("same", new Filters(3, 1, 4, 5, same));
        convolution("strided, dilated, in groups", new Filters(2, 2, 3, 2, strided));
        convolution("1 x 1", new Filters(2, 1, 3, 4, plain));
        convolution("1 x 1 in groups", new Filters(2, 3, 2, 1, plain));
        convolution("of no images", new Filters(0, 1, 2, 2, same));
        // more outputs, places and channels than a tile has, and sums long enough to be cut
        convolution("long", new Filters(2, 1, 35, 67, new Window(7, 6, 3, 3, 1, 1, 1, 1, 7, 6)));
        convolution("of many places", new Filters(3, 1, 2, 3, new Window(17, 19, 3, 3, 1, 1, 1, 1, 17, 19)));
        // strides that meet all, some or none of the window's elements at a place
        convolution("strided", new Filters(2, 1, 17, 5, new Window(8, 9, 3, 3, 2, 1, 1, 1, 4, 5)));
        convolution("stride 2 of 1 x 1", new Filters(2, 1, 3, 4, new Window(5, 7, 1, 1, 2, 1, 0, 0, 3, 4)));
        convolution("stride 3, dilation 2", new Filters(1, 1, 3, 2, new Window(13, 11, 4, 3, 3, 2, 3, 1, 4, 3)));
        convolution("stride 4, dilation 2", new Filters(1, 1, 3, 2, new Window(13, 14, 3, 4, 4, 2, 1, 2, 3, 3)));
        convolution("each channel alone", new Filters(2, 5, 1, 1, new Window(6, 5, 3, 3, 1, 1, 1, 1, 6, 5)));
        convolution("of planes of one row", new Filters(2, 1, 3, 2, new Window(1, 40, 1, 5, 1, 1, 0, 2, 1, 40)));
        convolution("of planes of one column", new Filters(40, 1, 3, 2, new Window(2, 1, 2, 1, 1, 1, 0, 0, 1, 1)));
        convolution("of nowhere but padding", new Filters(1, 1, 2, 2, new Window(2, 2, 1, 1, 5, 1, 5, 5, 2, 2)));
    }

    private void convolution(String name, Filters f) {
        long x = (long) f.batch() * f.groups() * f.channels() * f.window().planeSize();
        long outputs = (long) f.groups() * f.outputs();
        long w = outputs * f.filterSize();
        long y = f.batch() * outputs * f.window().positions();
        add("convolution " + name, (k, p) -> k.convolution(f, p[0], p[1], 0, 0, p[2]), x, w, y);
        add("convolution with bias " + name, (k, p) -> k.convolution(f, p[0], p[1], 0, p[3], p[2]), x, w, y, outputs);
        add("convolutionPullImages " + name, (k, p) -> k.convolutionPullImages(f, p[0], p[1], p[2]), y, w, x);
        add("convolutionPullFilters " + name, (k, p) -> k.convolutionPullFilters(f, p[0], p[1], p[2]), x, y, w);
    }

    private void pooling() {
        Window overlapping = new Window(7, 9, 3, 3, 2, 1, 1, 1, 4, 5);
        Window tiles = new Window(6, 4, 2, 2, 2, 1, 0, 0, 3, 2);
        for (Window w : new Window[] {overlapping, tiles}) {
            long x = 3 * w.planeSize();
            long y = 3 * w.positions();
            String name = " of " + w.kernelHeight();
            add("sumWindows" + name, (k, p) -> k.sumWindows(w, 0.25, p[0], p[1], 3), x, y);
            add("spreadWindows" + name, (k, p) -> k.spreadWindows(w, 0.25, p[0], p[1], 3), y, x);
            add("maxWindows" + name, (k, p) -> k.maxWindows(w, p[0], p[1], 0, 3), x, y);
            cases.add(
                    KernelCase.of("maxWindows with places" + name, (k, p) -> k.maxWindows(w, p[0], p[1], p[2], 3), x, y)
                            .with(y, 4, 1));
        }
    }
}
