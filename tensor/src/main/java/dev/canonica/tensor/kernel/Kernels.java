package dev.canonica.tensor.kernel;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;

/**
 * What a device computes: the operations under every tensor, for one real type, on raw addresses of dense, row-major data.
 *
 * <p>Two kinds of implementation stand behind it: plain scalar loops, for {@code F64} the oracle of tests and audits, and SIMD for
 * {@code F32}. Both give results that do not depend on the number of threads: work is split by shape, and sums are taken in a fixed order.
 * Operands do not overlap results unless that is said; sizes may be 0. Counts and strides are in elements.
 */
public interface Kernels {
    /** Bytes of an element. */
    int bytes();

    /**
     * Whether calls only queue their work, in order, on a device. Then few large calls from one thread are better than many small ones from
     * several.
     */
    default boolean queued() {
        return false;
    }

    /** The address of at least {@code bytes} bytes where these kernels compute, the thread's own until it asks again. */
    default long workspace(long bytes) {
        return Scratch.take(bytes);
    }

    /** y[i] = value. */
    void fill(double value, long y, long n);

    /** y[i] = op(x[i]); y may be x. */
    void unary(Unary op, long x, long y, long n);

    /** y[i] = scale · x[i] + shift; y may be x. */
    void affine(double scale, double shift, long x, long y, long n);

    /** y[i] += scale · x[i]. */
    void axpy(double scale, long x, long y, long n);

    /** y[i] = max(y[i] + residual[i], 0); a residual of address 0 is none. */
    default void rectify(long residual, long y, long n) {
        if (residual != 0) {
            axpy(1, residual, y, n);
        }
        unary(Unary.RELU, y, y, n);
    }

    /** z = op(x, y) along a walk of the operands x and y; z is dense, and may be x where that is, too. */
    void binary(Binary op, Walk walk, long x, long y, long z);

    /** r = op(x, y, z) along a walk of the operands x, y and z; r is dense, and may be x where that is, too. */
    void ternary(Ternary op, Walk walk, long x, long y, long z, long r);

    /** y = x along a walk of the operands x and y: permutes, slices, pads, concatenates, repeats. */
    void copy(Walk walk, long x, long y);

    /** y[o, i] = Σ_j x[o, j, i] for x of shape [outer, n, inner]. */
    void sum(long x, long y, long outer, long n, long inner);

    /** y[o, i] = max_j x[o, j, i] for x of shape [outer, n, inner]; −∞ if n is 0, NaN if any is. */
    void max(long x, long y, long outer, long n, long inner);

    /** C = A B, or C += A B, for each matrix of C, which is not transposed. */
    void gemm(MatrixBatch a, MatrixBatch b, boolean accumulate, MatrixBatch c);

    /**
     * A linear layer and what follows it, in one pass where the device can: Y = epilogue(X W), see {@link Epilogue}.
     *
     * @param x [m, k], dense
     * @param w [k, n], dense in memory as that or as its transpose
     * @param packed what {@link #pack} made of W, or 0; W is not read then
     * @param y [m, n], dense
     */
    default void linear(MatrixBatch x, MatrixBatch w, long packed, Epilogue epilogue, long y) {
        int m = x.rows();
        int n = w.columns();
        if (epilogue.bias() != 0) {
            Epilogues.begin(this, epilogue, m, n, y);
        }
        gemm(x, w, epilogue.bias() != 0, MatrixBatch.of(y, m, n));
        Epilogues.finish(this, epilogue, m, n, y);
    }

    /**
     * Bytes of a matrix W [k, n] in the form that {@link #linear} reads fastest, to be kept for many products with m rows; 0 where that
     * would bring nothing. A form that brings something for one row can be read for any number of them, with the same bits.
     */
    default long packedBytes(int m, MatrixBatch w) {
        return 0;
    }

    /** Writes W in that form; only where {@link #packedBytes} is not 0. */
    default void pack(MatrixBatch w, long packed) {
        throw new UnsupportedOperationException("pack: these kernels read matrices as they lie");
    }

    /** Writes W, the same bits, from what {@link #pack} made of it. */
    default void unpack(long packed, MatrixBatch w) {
        throw new UnsupportedOperationException("unpack: these kernels read matrices as they lie");
    }

    /** Whether {@link #linearBf16}, {@link #roundBf16} and {@link #attentionBf16} are there. */
    default boolean bf16() {
        return false;
    }

    /** Bytes that {@link #packBf16} writes. */
    default long packedBytesBf16(MatrixBatch w) {
        throw new UnsupportedOperationException("these kernels do not round to bfloat16");
    }

    /** Writes W [k, n], rounded to {@link Bfloat16}, in the form that {@link #linearBf16} reads. */
    default void packBf16(MatrixBatch w, long packed) {
        throw new UnsupportedOperationException("these kernels do not round to bfloat16");
    }

    /** As {@link #linear}, with X and W rounded to {@link Bfloat16} and sums of 32 bits; only what is packed of W is read. */
    default void linearBf16(MatrixBatch x, MatrixBatch w, long packed, Epilogue epilogue, long y) {
        throw new UnsupportedOperationException("these kernels do not round to bfloat16");
    }

    /** y[i] = x[i] rounded to {@link Bfloat16}; y may be x. */
    default void roundBf16(long x, long y, long n) {
        throw new UnsupportedOperationException("these kernels do not round to bfloat16");
    }

    /** Rows: y = softmax(scale · x), and logSumExp[r] of scale · x where its address is not 0; y may be x. */
    void softmax(double scale, long x, long y, long logSumExp, long rows, int n);

    /** Rows: y = exp(scale · x − logSumExp[r]), softmax recomputed; y may be x. */
    void softmaxFrom(double scale, long x, long logSumExp, long y, long rows, int n);

    /**
     * Rows: r = scale · y ⊙ (d − ⟨y, d⟩), the derivative of softmax at its value y, in a block of directions; r may be d.
     *
     * @param d directions [k, rows, n]
     * @param y values [rows, n]
     */
    void softmaxDerivative(double scale, long y, long d, long r, int k, long rows, int n);

    /**
     * Attention: O and the row statistics.
     *
     * @param o [batch, queries, heads · width]
     * @param logSumExp log Σ exp of the rows of S [batch, heads, queries]
     */
    default void attention(Attention a, Attention.Operands x, long o, long logSumExp) {
        new AttentionByProducts(this, a).value(x, o, logSumExp);
    }

    /** O of {@link #attention} with Q, K, V and P rounded to {@link Bfloat16} and sums of 32 bits. */
    default void attentionBf16(Attention a, Attention.Operands x, long o) {
        new AttentionByProducts(this, a).rounded(x, o);
    }

    /**
     * The derivative of {@link #attention}: dO for a block of directions. Row statistics of address 0 are computed again, if {@link #bf16}. A tangent address of 0 stands for zero; tangents have their operand's
     * layout, one direction after the other.
     *
     * @param directions number of directions
     */
    default void attentionPush(
            Attention a, int directions, Attention.Operands x, long logSumExp, Attention.Operands dx, long dOut) {
        new AttentionByProducts(this, a).push(directions, x, logSumExp, dx, dOut);
    }

    /**
     * The adjoint of {@link #attentionPush}: cotangents of Q, K and V, in their operands' layouts, for a block of directions; the addresses may be
     * those of parts of longer rows.
     */
    default void attentionPull(
            Attention a, int directions, Attention.Operands x, long logSumExp, long u, Attention.Operands dx) {
        new AttentionByProducts(this, a).pull(directions, x, logSumExp, u, dx);
    }

    /** Rows: y = (x − mean) · s and s = 1/√(variance + epsilon), one s per row. */
    void normalize(double epsilon, long x, long y, long s, long rows, int n);

    /**
     * Rows: r = s (d − mean(d) − y · mean(y ⊙ d)), the derivative of {@link #normalize} at its value y, in a block of directions.
     *
     * @param d directions [k, rows, n]
     */
    void normalizeDerivative(long y, long s, long d, long r, int k, long rows, int n);

    /**
     * Images normalised over rows of planes, scaled and shifted:
     *
     * <pre>
     *   y = scale ⊙ ŷ + shift,   ŷ = (x − mean) s,   s = 1/√(variance + epsilon)
     * </pre>
     *
     * @param p whose mean and variance are written
     * @param shift for each channel
     * @param y images
     */
    void channelNorm(ChannelNorm c, ChannelNorm.Point p, long shift, long y);

    /**
     * The derivative of {@link #channelNorm}, dy = scale ⊙ s (dx − mean(dx) − ŷ mean(ŷ ⊙ dx)) + dscale ⊙ ŷ + dshift, in a block of directions. A tangent address of 0
     * stands for zero.
     */
    void channelNormPush(ChannelNorm c, int directions, ChannelNorm.Point p, ChannelNorm.Tangents d, long dy);

    /**
     * The adjoint of {@link #channelNormPush}: dx = s (v − mean(v) − ŷ mean(ŷ ⊙ v)) with v = scale ⊙ u, if its address is not 0; and Σ u ⊙ ŷ and Σ u
     * for each plane [directions, images, channels], whose sums over images are the cotangents of scale and shift.
     */
    void channelNormPull(ChannelNorm c, int directions, ChannelNorm.Point p, long u, ChannelNorm.Tangents d);

    /** y[i, :] = x[index[i], :] for 64-bit indices within [0, rows). */
    void gather(long x, long index, long y, long count, long width);

    /** y[index[i], :] += x[i, :], in the order of i. */
    void scatterAdd(long x, long index, long y, long count, long width);

    /**
     * Convolution, as neural networks mean it (a correlation), with zeros outside the images:
     *
     * <pre>
     *   y[b, o, i, j] = bias[o] + Σ_{c, p, q} w[o, c, p, q] · x[b, c, row(i, p), column(j, q)]
     * </pre>
     *
     * @param x images [batch, groups · channels, height, width]
     * @param w filters [groups · outputs, channels, kernelHeight, kernelWidth]
     * @param packed what {@link #pack(Filters, long, long)} made of the filters, which are not read then, or 0; the bits are the same
     * @param bias [groups · outputs]; 0 for none
     * @param y [batch, groups · outputs, rows, columns]
     */
    void convolution(Filters f, long x, long w, long packed, long bias, long y);

    /**
     * Bytes of filters in the form that convolution reads fastest, to be kept for many images; 0 where that would bring nothing. Neither the number nor the
     * size of images makes a difference.
     */
    default long packedBytes(Filters f) {
        return 0;
    }

    /** Writes filters w in that form; only where {@link #packedBytes(Filters)} is not 0. */
    default void pack(Filters f, long w, long packed) {
        throw new UnsupportedOperationException("pack: these kernels read filters as they lie");
    }

    /** Whether {@link #convolutionLast} and {@link #maxPixels} are faster than the same with images in planes. */
    default boolean channelsLast() {
        return false;
    }

    /** As {@link #packedBytes(Filters)}, for {@link #convolutionLast}. */
    default long packedBytes(ChannelsLast c) {
        return 0;
    }

    /** Writes filters w in that form; only where {@link #packedBytes(ChannelsLast)} is not 0. */
    default void pack(ChannelsLast c, long w, long packed) {
        throw new UnsupportedOperationException("these kernels have images in planes");
    }

    /**
     * Convolution with channels last, and what follows it in residual networks:
     *
     * <pre>
     *   h[b, i, j, o] = bias[o] + Σ_{c, p, q} w[o, c, p, q] · x[b, row(i, p), column(j, q), c]      y = h, or max(h + residual, 0)
     * </pre>
     *
     * @param x images [batch, height, width, channels], or as {@link ChannelsLast#planes} says
     * @param w filters [outputs, channels, kernelHeight, kernelWidth], or as {@link ChannelsLast#turned} says
     * @param packed what {@link #pack(ChannelsLast, long, long)} made of the filters, or 0; they are not read then
     * @param bias [outputs]; 0 for none
     * @param residual [batch, rows, columns, outputs]; 0 for none, and where nothing is rectified
     * @param y [batch, rows, columns, outputs]
     */
    default void convolutionLast(ChannelsLast c, long x, long w, long packed, long bias, long residual, long y) {
        throw new UnsupportedOperationException("these kernels have images in planes");
    }

    /** {@link #maxWindows} of images [images, height, width, channels], without indices. */
    default void maxPixels(Window window, long x, long y, long images, int channels) {
        throw new UnsupportedOperationException("these kernels have images in planes");
    }

    /** The adjoint of {@link #convolution} by the images: x[b, c, row(i, p), column(j, q)] = Σ_{o, i, j} w[o, c, p, q] · u[b, o, i, j]. */
    void convolutionPullImages(Filters f, long u, long w, long x);

    /** The adjoint of {@link #convolution} by the filters: w[o, c, p, q] = Σ_{b, i, j} u[b, o, i, j] · x[b, c, row(i, p), column(j, q)]. */
    void convolutionPullFilters(Filters f, long x, long u, long w);

    /** y[i, j] = scale · Σ_{p, q} x[row(i, p), column(j, q)] on each of {@code planes} planes, with zeros outside. */
    void sumWindows(Window window, double scale, long x, long y, long planes);

    /** The adjoint of {@link #sumWindows}: x[row(i, p), column(j, q)] = scale · Σ_{i, j} u[i, j]. */
    void spreadWindows(Window window, double scale, long u, long x, long planes);

    /**
     * y[i, j] = max_{p, q} x[row(i, p), column(j, q)] over what lies on the plane, on each of {@code planes} planes; NaN if any is.
     * Every window has at least one element on the plane.
     *
     * @param index where its address is not 0: the place in the plane (I32) of the first greatest element of each window
     */
    void maxWindows(Window window, long x, long y, long index, long planes);

    /** y[d, p, i] = x[d, p, index[p, i]] for d of k directions: planes of {@code size} elements, {@code count} indices (I32) for each. */
    void gatherPlanes(long x, long index, long y, int k, long planes, long size, long count);

    /** The adjoint of {@link #gatherPlanes}: x = 0, then x[d, p, index[p, i]] += u[d, p, i] in the order of i. */
    void scatterPlanes(long u, long index, long x, int k, long planes, long size, long count);

    /**
     * One step of AdamW (Loshchilov &amp; Hutter 2019, Algorithm 2) in place:
     *
     * <pre>
     *   m ← β₁ m + (1 − β₁) g s        v ← β₂ v + (1 − β₂) (g s)²
     *   x ← x − rate (m / c₁ / (√(v / c₂) + ε) + decay x)
     * </pre>
     *
     * where s scales the gradient (clipping) and c₁, c₂ correct the moments' bias.
     */
    void adamW(AdamW step, long x, long gradient, long m, long v, long n);

    /** The scalars of {@link #adamW}. */
    record AdamW(
            double rate,
            double beta1,
            double beta2,
            double epsilon,
            double decay,
            double correction1,
            double correction2,
            double gradientScale) {}
}
