package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.code.Lanes.L;
import static dev.canonica.tensor.vector.code.Lanes.load;
import static dev.canonica.tensor.vector.code.Lanes.splat;
import static dev.canonica.tensor.vector.code.Lanes.store;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.Attention;
import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.kernel.ChannelsLast;
import dev.canonica.tensor.kernel.Epilogue;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Scratch;
import dev.canonica.tensor.kernel.Split;
import dev.canonica.tensor.kernel.StridedCopy;
import dev.canonica.tensor.kernel.Walk;
import dev.canonica.tensor.kernel.Window;
import dev.canonica.tensor.memory.NativeMemory;
import dev.canonica.tensor.vector.code.Bf16Lanes;
import dev.canonica.tensor.vector.code.Emission;
import dev.canonica.tensor.vector.code.Lanes;
import dev.canonica.tensor.vector.convolution.PixelConvolution;
import dev.canonica.tensor.vector.convolution.VectorConvolution;
import dev.canonica.tensor.vector.elements.ColumnKernels;
import dev.canonica.tensor.vector.elements.Loops;
import dev.canonica.tensor.vector.elements.RowKernels;
import dev.canonica.tensor.vector.elements.VectorChannelNorm;
import dev.canonica.tensor.vector.elements.VectorWindows;
import dev.canonica.tensor.vector.product.Bf16Attention;
import dev.canonica.tensor.vector.product.EmittedNarrowing;
import dev.canonica.tensor.vector.product.Microkernels;
import dev.canonica.tensor.vector.product.Product;
import dev.canonica.tensor.vector.product.Sgemm;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The kernels for 32-bit floats by the Vector API. {@link dev.canonica.tensor.kernel.ScalarKernels} is the twin to compare with. */
public final class VectorKernels implements Kernels {
    private static final int BYTES = 4;

    /** Elements that stay in the first-level cache from one step to the next, beside those that are added to them. */
    private static final int PIECE = 1 << 12;

    /** Up to this many rows of X, packing Wᵀ takes a noticeable part of a product's time; W as it lies needs no packing, or little. */
    private static final int PACKED_ROWS = 512;

    /** Smaller matrices are not worth keeping packed. */
    private static final long PACKED_SIZE = 1 << 12;

    private final Emission emission;
    private final RowKernels byRows;
    private final Microkernels products;

    /** In this form, which is not SCALAR; EMITTED is as VECTOR where code cannot be emitted. */
    public VectorKernels(KernelForm form) {
        emission = Emission.of(form);
        byRows = new RowKernels(emission);
        products = Microkernels.of(emission);
    }

    /** Bits of a vector register here, for {@code canonica info}. */
    public static int vectorBits() {
        return Lanes.S.vectorBitSize();
    }

    /** Whether the matrix kernels are machine code that this project emits, at full speed from the first call. */
    public boolean emitted() {
        return emission.any();
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public void fill(double value, long y, long n) {
        Split.range(n, Split.GRAIN, (from, to) -> RowKernels.fill((float) value, y + 4 * from, to - from));
    }

    @Override
    public void unary(Unary op, long x, long y, long n) {
        Loops.UnaryLoop loop = Loops.of(emission, op);
        Split.range(n, Split.GRAIN, (from, to) -> loop.run(x + 4 * from, y + 4 * from, to - from));
    }

    @Override
    public void affine(double scale, double shift, long x, long y, long n) {
        Split.range(
                n,
                Split.GRAIN,
                (from, to) -> byRows.affine((float) scale, (float) shift, x + 4 * from, y + 4 * from, to - from));
    }

    @Override
    public void axpy(double scale, long x, long y, long n) {
        Split.range(n, Split.GRAIN, (from, to) -> byRows.axpy((float) scale, x + 4 * from, y + 4 * from, to - from));
    }

    /** Both steps on pieces that stay in the first-level cache. */
    @Override
    public void rectify(long residual, long y, long n) {
        Loops.UnaryLoop relu = Loops.of(emission, Unary.RELU);
        Split.range(n, Split.GRAIN, (from, to) -> {
            for (long i = from; i < to; i += PIECE) {
                long count = Math.min(PIECE, to - i);
                if (residual != 0) {
                    byRows.axpy(1, residual + 4 * i, y + 4 * i, count);
                }
                relu.run(y + 4 * i, y + 4 * i, count);
            }
        });
    }

    @Override
    public void binary(Binary op, Walk w, long x, long y, long z) {
        Loops.BinaryLoop loop = Loops.of(emission, op);
        long n = w.inner();
        long sx = w.innerStride(0);
        long sy = w.innerStride(1);
        if (w.outer() == 1) {
            Split.range(
                    n,
                    Split.GRAIN,
                    (from, to) ->
                            loop.rows(x + 4 * from * sx, sx, 0, y + 4 * from * sy, sy, 0, z + 4 * from, to - from, 1));
            return;
        }
        Split.rows(w.outer(), n, (from, to) -> {
            long rows;
            for (long o = from; o < to; o += rows) {
                rows = Math.min(to - o, w.rowsFrom(o));
                loop.rows(
                        x + 4 * w.offset(0, o),
                        sx,
                        4 * w.rowStride(0),
                        y + 4 * w.offset(1, o),
                        sy,
                        4 * w.rowStride(1),
                        z + 4 * o * n,
                        n,
                        rows);
            }
        });
    }

    @Override
    public void ternary(Ternary op, Walk w, long x, long y, long z, long r) {
        Loops.TernaryLoop loop = Loops.of(emission, op);
        long n = w.inner();
        long sx = w.innerStride(0);
        long sy = w.innerStride(1);
        long sz = w.innerStride(2);
        if (w.outer() == 1) {
            Split.range(
                    n,
                    Split.GRAIN,
                    (from, to) -> loop.rows(
                            x + 4 * from * sx,
                            sx,
                            0,
                            y + 4 * from * sy,
                            sy,
                            0,
                            z + 4 * from * sz,
                            sz,
                            0,
                            r + 4 * from,
                            to - from,
                            1));
            return;
        }
        Split.rows(w.outer(), n, (from, to) -> {
            long rows;
            for (long o = from; o < to; o += rows) {
                rows = Math.min(to - o, w.rowsFrom(o));
                loop.rows(
                        x + 4 * w.offset(0, o),
                        sx,
                        4 * w.rowStride(0),
                        y + 4 * w.offset(1, o),
                        sy,
                        4 * w.rowStride(1),
                        z + 4 * w.offset(2, o),
                        sz,
                        4 * w.rowStride(2),
                        r + 4 * o * n,
                        n,
                        rows);
            }
        });
    }

    @Override
    public void copy(Walk walk, long x, long y) {
        StridedCopy.run(BYTES, walk, x, y);
    }

    @Override
    public void sum(long x, long y, long outer, long n, long inner) {
        if (inner == 1) {
            Split.rows(outer, n, (from, to) -> byRows.sum(x + 4 * from * n, y + 4 * from, to - from, n));
        } else {
            ColumnKernels.sum(emission, x, y, outer, n, inner);
        }
    }

    @Override
    public void max(long x, long y, long outer, long n, long inner) {
        if (inner == 1) {
            Split.rows(outer, n, (from, to) -> byRows.max(x + 4 * from * n, y + 4 * from, to - from, n));
        } else {
            ColumnKernels.max(x, y, outer, n, inner);
        }
    }

    @Override
    public void gemm(MatrixBatch a, MatrixBatch b, boolean accumulate, MatrixBatch c) {
        MatrixBatch.check(a, b, c);
        Sgemm.gemm(products, a, b, accumulate, c);
    }

    @Override
    public void linear(MatrixBatch x, MatrixBatch w, long packed, Epilogue epilogue, long y) {
        if (isEmpty(x, w)) {
            Kernels.super.linear(x, w, packed, epilogue, y);
            return;
        }
        new Product(products, x, w, false, MatrixBatch.of(y, x.rows(), w.columns()))
                .from(packed)
                .with(epilogue)
                .compute();
    }

    private static boolean isEmpty(MatrixBatch x, MatrixBatch w) {
        return x.rows() == 0 || w.columns() == 0 || w.rows() == 0;
    }

    @Override
    public long packedBytes(int m, MatrixBatch w) {
        boolean pays = w.transposed() && m <= PACKED_ROWS && (long) w.rows() * w.columns() >= PACKED_SIZE;
        return pays ? Product.packedBytes(products, w.columns(), w.rows()) : 0;
    }

    @Override
    public void pack(MatrixBatch w, long packed) {
        Product.packRight(products, w, packed);
    }

    @Override
    public void unpack(long packed, MatrixBatch w) {
        Product.unpackRight(products, packed, w);
    }

    @Override
    public boolean bf16() {
        return true;
    }

    @Override
    public long packedBytesBf16(MatrixBatch w) {
        return emission.bf16()
                ? Product.packedBytes(products, w.columns(), Bf16Lanes.pairs(w.rows()))
                : 4L * w.rows() * w.columns();
    }

    @Override
    public void packBf16(MatrixBatch w, long packed) {
        int n = w.columns();
        int k = w.rows();
        if (!emission.bf16()) {
            roundBf16(w.address(), packed, (long) n * k);
            return;
        }
        int pairs = Bf16Lanes.pairs(k);
        long narrow = Scratch.take(4L * n * pairs);
        if (w.transposed()) {
            Bf16Lanes.pairsOfColumns(w.address(), n, k, narrow);
        } else {
            Bf16Lanes.pairsOfRows(w.address(), k, n, narrow);
        }
        Product.packRight(
                products, new MatrixBatch(narrow, pairs, n, w.transposed(), w.transposed() ? pairs : n), packed);
    }

    @Override
    public void linearBf16(MatrixBatch x, MatrixBatch w, long packed, Epilogue epilogue, long y) {
        if (isEmpty(x, w)) {
            linear(x, w, 0, epilogue, y);
            return;
        }
        int m = x.rows();
        int k = x.columns();
        int n = w.columns();
        if (emission.bf16()) {
            int step = EmittedNarrowing.step(k);
            long rounded = Scratch.take((long) m * step);
            Split.rows(
                    m,
                    k,
                    (from, to) -> EmittedNarrowing.rows(
                            x.address() + 4 * from * k, 4L * k, rounded + from * step, step, to - from, k));
            Product.ofPairs(products, rounded, step, packed, MatrixBatch.of(y, m, n), Bf16Lanes.pairs(k))
                    .with(epilogue)
                    .compute();
        } else {
            long rounded = Scratch.take(4L * m * k);
            roundBf16(x.address(), rounded, (long) m * k);
            linear(x.in(rounded), w.in(packed), 0, epilogue, y);
        }
    }

    @Override
    public void roundBf16(long x, long y, long n) {
        Bf16Lanes.round(x, y, n);
    }

    @Override
    public void attentionBf16(Attention a, Attention.Operands x, long o) {
        boolean empty = a.queries() == 0 || a.keys() == 0 || a.width() == 0;
        if (emission.bf16() && !empty) {
            new Bf16Attention(products, a).value(x, o);
        } else {
            Kernels.super.attentionBf16(a, x, o);
        }
    }

    @Override
    public void softmax(double scale, long x, long y, long logSumExp, long rows, int n) {
        Split.rows(
                rows,
                4L * n,
                (from, to) -> byRows.softmax(
                        (float) scale,
                        x + 4 * from * n,
                        y + 4 * from * n,
                        logSumExp == 0 ? 0 : logSumExp + 4 * from,
                        to - from,
                        n));
    }

    @Override
    public void softmaxFrom(double scale, long x, long logSumExp, long y, long rows, int n) {
        Split.rows(
                rows,
                4L * n,
                (from, to) -> byRows.softmaxFrom(
                        (float) scale, x + 4 * from * n, logSumExp + 4 * from, y + 4 * from * n, to - from, n));
    }

    @Override
    public void softmaxDerivative(double scale, long y, long d, long r, int k, long rows, int n) {
        directions(
                k,
                rows,
                n,
                (p, q, count) ->
                        byRows.softmaxDerivative((float) scale, y + 4 * p * n, d + 4 * q * n, r + 4 * q * n, count, n));
    }

    @Override
    public void normalize(double epsilon, long x, long y, long s, long rows, int n) {
        Split.rows(
                rows,
                2L * n,
                (from, to) ->
                        byRows.normalize(epsilon, x + 4 * from * n, y + 4 * from * n, s + 4 * from, to - from, n));
    }

    @Override
    public void normalizeDerivative(long y, long s, long d, long r, int k, long rows, int n) {
        directions(
                k,
                rows,
                n,
                (p, q, count) ->
                        byRows.normalizeDerivative(y + 4 * p * n, s + 4 * p, d + 4 * q * n, r + 4 * q * n, count, n));
    }

    /** Work on rows q of a block of directions, at rows p = q mod {@code rows} of the point. */
    @FunctionalInterface
    private interface Directions {
        void run(long p, long q, long count);
    }

    private static void directions(int k, long rows, int n, Directions body) {
        Split.rows(k * rows, 2L * n, (from, to) -> {
            long count;
            for (long q = from; q < to; q += count) {
                count = Math.min(to - q, rows - q % rows);
                body.run(q % rows, q, count);
            }
        });
    }

    @Override
    public void channelNorm(ChannelNorm c, ChannelNorm.Point p, long shift, long y) {
        new VectorChannelNorm(byRows, c).value(p, shift, y);
    }

    @Override
    public void channelNormPush(ChannelNorm c, int directions, ChannelNorm.Point p, ChannelNorm.Tangents d, long dy) {
        new VectorChannelNorm(byRows, c).push(directions, p, d, dy);
    }

    @Override
    public void channelNormPull(ChannelNorm c, int directions, ChannelNorm.Point p, long u, ChannelNorm.Tangents d) {
        new VectorChannelNorm(byRows, c).pull(directions, p, u, d);
    }

    @Override
    public void gather(long x, long index, long y, long count, long width) {
        MemorySegment all = NativeMemory.ALL;
        for (long i = 0; i < count; i++) {
            long row = all.get(ValueLayout.JAVA_LONG_UNALIGNED, index + 8 * i);
            MemorySegment.copy(all, x + 4 * row * width, all, y + 4 * i * width, 4 * width);
        }
    }

    @Override
    public void scatterAdd(long x, long index, long y, long count, long width) {
        for (long i = 0; i < count; i++) {
            long row = NativeMemory.ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, index + 8 * i);
            byRows.axpy(1, x + 4 * i * width, y + 4 * row * width, width);
        }
    }

    @Override
    public void convolution(Filters f, long x, long w, long packed, long bias, long y) {
        VectorConvolution.value(products, f, x, w, packed, bias, y);
    }

    @Override
    public long packedBytes(Filters f) {
        return VectorConvolution.packedBytes(products, f);
    }

    @Override
    public void pack(Filters f, long w, long packed) {
        VectorConvolution.pack(products, f, w, packed);
    }

    @Override
    public boolean channelsLast() {
        return emission.avx512();
    }

    @Override
    public long packedBytes(ChannelsLast c) {
        return PixelConvolution.packedBytes(products, c);
    }

    @Override
    public void pack(ChannelsLast c, long w, long packed) {
        PixelConvolution.pack(products, c, w, packed);
    }

    @Override
    public void convolutionLast(ChannelsLast c, long x, long w, long packed, long bias, long residual, long y) {
        PixelConvolution.value(products, c, x, w, packed, bias, residual, y);
    }

    @Override
    public void maxPixels(Window window, long x, long y, long images, int channels) {
        VectorWindows.maxPixels(emission, window, x, y, images, channels);
    }

    @Override
    public void convolutionPullImages(Filters f, long u, long w, long x) {
        VectorConvolution.pullImages(products, this, f, u, w, x);
    }

    @Override
    public void convolutionPullFilters(Filters f, long x, long u, long w) {
        VectorConvolution.pullFilters(products, f, x, u, w);
    }

    @Override
    public void sumWindows(Window window, double scale, long x, long y, long planes) {
        VectorWindows.sum(window, (float) scale, x, y, planes);
    }

    @Override
    public void spreadWindows(Window window, double scale, long u, long x, long planes) {
        VectorWindows.spread(window, (float) scale, u, x, planes);
    }

    @Override
    public void maxWindows(Window window, long x, long y, long index, long planes) {
        VectorWindows.max(window, x, y, index, planes);
    }

    @Override
    public void gatherPlanes(long x, long index, long y, int k, long planes, long size, long count) {
        VectorWindows.gather(x, index, y, k, planes, size, count);
    }

    @Override
    public void scatterPlanes(long u, long index, long x, int k, long planes, long size, long count) {
        VectorWindows.scatter(u, index, x, k, planes, size, count);
    }

    @Override
    public void adamW(AdamW s, long x, long gradient, long m, long v, long n) {
        Split.range(n, Split.GRAIN, (from, to) -> {
            for (long i = from; i < to; i += L) {
                VectorMask<Float> k = Lanes.S.indexInRange(i, to);
                FloatVector g = load(gradient + 4 * i, k).mul((float) s.gradientScale());
                FloatVector m1 = load(m + 4 * i, k).mul((float) s.beta1()).add(g.mul((float) (1 - s.beta1())));
                FloatVector v1 =
                        load(v + 4 * i, k).mul((float) s.beta2()).add(g.mul(g).mul((float) (1 - s.beta2())));
                FloatVector below = v1.mul((float) (1 / s.correction2())).sqrt().add((float) s.epsilon());
                FloatVector step = m1.mul((float) (1 / s.correction1())).div(below);
                FloatVector w = load(x + 4 * i, k);
                w = w.sub(w.fma(splat(s.decay()), step).mul((float) s.rate()));
                store(w, x + 4 * i, k);
                store(m1, m + 4 * i, k);
                store(v1, v + 4 * i, k);
            }
        });
    }
}
