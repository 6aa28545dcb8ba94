package dev.canonica.tensor.operation;

import dev.canonica.tensor.Operands;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Attention;
import dev.canonica.tensor.memory.Addresses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention in heads (Vaswani et al., 2017, equation 1), and its derivative, at queries, keys and values; the formulas are those of
 * {@link Attention}. Of each row of scores log Σ exp is kept, nothing else: the rest is computed again.
 *
 * <p>Operands are three tensors, or one in whose rows they follow one another.
 */
public final class MultiHeadAttention {
    private final Attention sizes;
    private final List<Tensor> operands;
    private final Tensor value;

    /** [B, heads, T]; null where products are rounded, which leaves derivatives exact. */
    private final @Nullable Tensor logSumExp;

    private MultiHeadAttention(Attention sizes, List<Tensor> operands, Shape o) {
        this.sizes = sizes;
        this.operands = operands;
        Tensor any = operands.getFirst();
        value = any.like(o);
        boolean rounded = ProductPrecision.rounds(any.kernels());
        logSumExp = rounded ? null : any.like(Shape.of(sizes.batch(), sizes.heads(), sizes.queries()));
        try (Addresses at = Addresses.open()) {
            if (logSumExp == null) {
                any.kernels().attentionBf16(sizes, addresses(at, operands), at.of(value));
            } else {
                any.kernels().attention(sizes, addresses(at, operands), at.of(value), at.of(logSumExp));
            }
        }
    }

    /**
     * Attention of queries [B, T, D] to keys and values [B, S, D], in {@code heads} heads of D/heads columns each, at scale 1/√(D/heads).
     *
     * @throws IllegalArgumentException if shapes, types or devices do not fit
     */
    public static MultiHeadAttention of(Tensor q, Tensor k, Tensor v, int heads) {
        Shape sq = q.shape();
        Shape sk = k.shape();
        boolean fit = sq.rank() == 3 && sk.rank() == 3 && sk.equals(v.shape());
        if (!fit || sq.dim(0) != sk.dim(0) || sq.dim(2) != sk.dim(2)) {
            throw new IllegalArgumentException(
                    "attention: shapes do not fit: q " + sq + ", k " + sk + ", v " + v.shape());
        }
        if (q.device() != k.device() || q.device() != v.device()) {
            throw new IllegalArgumentException(
                    "attention: devices differ: q " + q.device() + ", k " + k.device() + ", v " + v.device());
        }
        if (q.dtype() != k.dtype() || q.dtype() != v.dtype()) {
            throw new IllegalArgumentException(
                    "attention: types differ: q " + q.dtype() + ", k " + k.dtype() + ", v " + v.dtype());
        }
        int width = width("attention", sq.dim(2), heads);
        int d = sq.dim(2);
        Attention sizes = new Attention(sq.dim(0), heads, sq.dim(1), sk.dim(1), width, 1 / Math.sqrt(width), d, d, d);
        return new MultiHeadAttention(sizes, List.of(q, k, v), sq);
    }

    /** Self-attention of queries, keys and values [B, T, 3D], D columns of each after the other. */
    public static MultiHeadAttention packed(Tensor qkv, int heads) {
        Shape s = qkv.shape();
        if (s.rank() != 3 || s.dim(2) % 3 != 0) {
            throw new IllegalArgumentException("selfAttention: packed [B, T, 3D] needed, shape is " + s);
        }
        int d = s.dim(2) / 3;
        int t = s.dim(1);
        int width = width("selfAttention", d, heads);
        Attention sizes = new Attention(s.dim(0), heads, t, t, width, 1 / Math.sqrt(width), 3 * d, 3 * d, 3 * d);
        return new MultiHeadAttention(sizes, List.of(qkv), s.with(2, d));
    }

    private static int width(String name, int columns, int heads) {
        if (heads <= 0 || columns % heads != 0) {
            throw new IllegalArgumentException(
                    name + ": " + columns + " columns do not divide into " + heads + " heads");
        }
        return columns / heads;
    }

    /** O, [B, T, D]. */
    public Tensor value() {
        return value;
    }

    /**
     * dO for K directions, [K, B, T, D].
     *
     * @param tangents [K, *] of each operand, at least one; null for zero
     */
    public Tensor push(@Nullable Tensor... tangents) {
        int directions = Operands.directions(
                "attention", operands.stream().map(Tensor::shape).toList(), tangents);
        Tensor r = value.like(value.shape().prepend(directions));
        try (Addresses at = Addresses.open()) {
            long statistics = at.ofNullable(logSumExp);
            value.kernels()
                    .attentionPush(
                            sizes,
                            directions,
                            addresses(at, operands),
                            statistics,
                            addresses(at, Arrays.asList(tangents)),
                            at.of(r));
        }
        return r;
    }

    /**
     * The adjoint of {@link #push}: a cotangent [K, *] of each operand.
     *
     * @param u [K, B, T, D]
     */
    public List<Tensor> pull(Tensor u) {
        int directions = Operands.directions("attention: pull", List.of(value.shape()), u);
        List<Tensor> results = new ArrayList<>();
        for (Tensor x : operands) {
            results.add(x.like(x.shape().prepend(directions)));
        }
        try (Addresses at = Addresses.open()) {
            long statistics = at.ofNullable(logSumExp);
            Attention.Operands x = addresses(at, operands);
            value.kernels().attentionPull(sizes, directions, x, statistics, at.of(u), addresses(at, results));
        }
        return results;
    }

    private Attention.Operands addresses(Addresses at, List<? extends @Nullable Tensor> of) {
        long first = at.ofNullable(of.getFirst());
        if (of.size() == 1) {
            return Attention.Operands.packed(first, (long) value.dtype().bytes() * sizes.strideO());
        }
        return new Attention.Operands(first, at.ofNullable(of.get(1)), at.ofNullable(of.get(2)));
    }
}
