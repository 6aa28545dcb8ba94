package dev.canonica.autodiff;

import dev.canonica.tensor.Addresses;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Attention;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Multi-head attention as one primitive; the formulas of value, push and pull are those of {@link Attention}. */
public final class Attentions {
    private Attentions() {}

    /**
     * Attention of queries [B, T, D] to keys and values [B, S, D], in {@code heads} heads of D/heads columns each, at scale 1/√(D/heads).
     *
     * @return [B, T, D]
     */
    public static Var attention(Var q, Var k, Var v, int heads) {
        Shape sq = q.shape();
        Shape sk = k.shape();
        if (sq.rank() != 3
                || sk.rank() != 3
                || !sk.equals(v.shape())
                || sq.dim(0) != sk.dim(0)
                || sq.dim(2) != sk.dim(2)) {
            throw new IllegalArgumentException(
                    "attention: shapes do not fit: q " + sq + ", k " + sk + ", v " + v.shape());
        }
        if (q.value().device() != k.value().device()
                || q.value().device() != v.value().device()) {
            throw new IllegalArgumentException(
                    "attention: devices differ: q " + q.value().device() + ", k "
                            + k.value().device() + ", v " + v.value().device());
        }
        if (q.value().dtype() != k.value().dtype()
                || q.value().dtype() != v.value().dtype()) {
            throw new IllegalArgumentException(
                    "attention: types differ: q " + q.value().dtype() + ", k "
                            + k.value().dtype() + ", v " + v.value().dtype());
        }
        Attention a = shape("attention", sq.dim(0), heads, sq.dim(1), sk.dim(1), sq.dim(2), sq.dim(2));
        Tensor tq = q.value();
        Tensor tk = k.value();
        Tensor tv = v.value();
        Tensor o = Tensor.uninitialised(tq.device(), tq.dtype(), sq);
        Tensor l;
        try (Addresses at = Addresses.open()) {
            l = value(at, a, tq, at.of(tq), at.of(tk), at.of(tv), o);
        }
        return Var.record("attention", o, () -> new Separate(a, tq, tk, tv, l), q, k, v);
    }

    /**
     * Self-attention of packed queries, keys and values [B, T, 3D], D columns of each after the other, as one linear layer makes them.
     *
     * @return [B, T, D]
     */
    public static Var selfAttention(Var qkv, int heads) {
        Shape s = qkv.shape();
        if (s.rank() != 3 || s.dim(2) % 3 != 0) {
            throw new IllegalArgumentException("selfAttention: packed [B, T, 3D] needed, shape is " + s);
        }
        int d = s.dim(2) / 3;
        Attention a = shape("selfAttention", s.dim(0), heads, s.dim(1), s.dim(1), d, 3 * d);
        Tensor x = qkv.value();
        Tensor o = Tensor.uninitialised(x.device(), x.dtype(), s.with(2, d));
        long part = (long) x.dtype().bytes() * d;
        Tensor l;
        try (Addresses at = Addresses.open()) {
            long p = at.of(x);
            l = value(at, a, x, p, p + part, p + 2 * part, o);
        }
        return Var.record(
                "selfAttention", o, () -> LinearMap.of(v -> packedPush(a, x, l, v), u -> packedPull(a, x, l, u)), qkv);
    }

    /**
     * Self-attention [B, T, D] in which a position attends to itself and to those before it, as a text is read (Vaswani et al. 2017, §3.2.3). It
     * is put together of other primitives:
     *
     * <pre>
     *   P = softmax(Q Kᵀ/√(D/heads) + M)      O = P V      M[i, j] = 0 for j ≤ i, −∞ for j &gt; i
     * </pre>
     *
     * P, [B, heads, T, T], is kept for the derivative: texts are short.
     *
     * @return [B, T, D]
     */
    public static Var causal(Var q, Var k, Var v, int heads) {
        Shape s = q.shape();
        if (s.rank() != 3 || !s.equals(k.shape()) || !s.equals(v.shape())) {
            throw new IllegalArgumentException(
                    "causal: shapes differ, or are not [B, T, D]: q " + s + ", k " + k.shape() + ", v " + v.shape());
        }
        if (heads <= 0 || s.dim(2) % heads != 0) {
            throw new IllegalArgumentException(
                    "causal: " + s.dim(2) + " columns do not divide into " + heads + " heads");
        }
        int width = s.dim(2) / heads;
        int[] apart = {s.dim(0), s.dim(1), heads, width};
        Var scores = Matrices.matmul(
                q.reshape(apart).permute(0, 2, 1, 3).times(1 / Math.sqrt(width)),
                k.reshape(apart).permute(0, 2, 3, 1));
        Tensor mask = future(s.dim(1)).to(q.value().dtype()).to(q.value().device());
        Var p = Normalisation.softmax(scores.plus(Var.constant(mask)));
        return Matrices.matmul(p, v.reshape(apart).permute(0, 2, 1, 3))
                .permute(0, 2, 1, 3)
                .reshape(s.dims());
    }

    /** Writes O, and gives log Σ exp of the rows of S; null where products are rounded, which leaves derivatives exact. */
    private static @Nullable Tensor value(Addresses at, Attention a, Tensor like, long q, long k, long v, Tensor o) {
        if (ProductPrecision.current() == ProductPrecision.BF16
                && like.kernels().bf16()) {
            like.kernels().attentionBf16(a, q, k, v, at.of(o));
            return null;
        }
        Tensor l = Tensor.uninitialised(like.device(), like.dtype(), Shape.of(a.batch(), a.heads(), a.queries()));
        like.kernels().attention(a, q, k, v, at.of(o), at.of(l));
        return l;
    }

    /** −∞ above the diagonal, 0 elsewhere. */
    private static Tensor future(int n) {
        double[] m = new double[n * n];
        for (int i = 0; i < n; i++) {
            Arrays.fill(m, i * n + i + 1, (i + 1) * n, Double.NEGATIVE_INFINITY);
        }
        return Tensor.of(m, n, n);
    }

    private static Tensor packedPush(Attention a, Tensor x, @Nullable Tensor l, Tensor v) {
        long part = (long) x.dtype().bytes() * a.heads() * a.width();
        Tensor r = Tensor.uninitialised(
                v.device(), v.dtype(), Shape.of(v.dim(0), a.batch(), a.queries(), a.heads() * a.width()));
        try (Addresses at = Addresses.open()) {
            long p = at.of(x);
            long d = at.of(v);
            x.kernels()
                    .attentionPush(
                            a,
                            v.dim(0),
                            p,
                            p + part,
                            p + 2 * part,
                            at.ofNullable(l),
                            d,
                            d + part,
                            d + 2 * part,
                            at.of(r));
        }
        return r;
    }

    private static Tensor packedPull(Attention a, Tensor x, @Nullable Tensor l, Tensor u) {
        long part = (long) x.dtype().bytes() * a.heads() * a.width();
        Tensor r = Tensor.uninitialised(u.device(), u.dtype(), x.shape().prepend(u.dim(0)));
        try (Addresses at = Addresses.open()) {
            long p = at.of(x);
            long d = at.of(r);
            x.kernels()
                    .attentionPull(
                            a,
                            u.dim(0),
                            p,
                            p + part,
                            p + 2 * part,
                            at.ofNullable(l),
                            at.of(u),
                            d,
                            d + part,
                            d + 2 * part);
        }
        return r;
    }

    private static Attention shape(String name, int batch, int heads, int queries, int keys, int columns, int stride) {
        if (heads <= 0 || columns % heads != 0) {
            throw new IllegalArgumentException(
                    name + ": " + columns + " columns do not divide into " + heads + " heads");
        }
        int width = columns / heads;
        return new Attention(batch, heads, queries, keys, width, 1 / Math.sqrt(width), stride, stride, stride);
    }

    /** The derivative for queries, keys and values in tensors of their own. */
    private record Separate(
            Attention a,
            Tensor q,
            Tensor k,
            Tensor v,
            @Nullable Tensor l) implements LinearMap {
        @Override
        public Tensor push(@Nullable Tensor... t) {
            Tensor any = first(t);
            Tensor r = Tensor.uninitialised(q.device(), q.dtype(), q.shape().prepend(any.dim(0)));
            try (Addresses at = Addresses.open()) {
                q.kernels()
                        .attentionPush(
                                a,
                                any.dim(0),
                                at.of(q),
                                at.of(k),
                                at.of(v),
                                at.ofNullable(l),
                                at.ofNullable(t[0]),
                                at.ofNullable(t[1]),
                                at.ofNullable(t[2]),
                                at.of(r));
            }
            return r;
        }

        @Override
        public @Nullable Tensor[] pull(Tensor u) {
            int directions = u.dim(0);
            Tensor dq = Tensor.uninitialised(q.device(), q.dtype(), q.shape().prepend(directions));
            Tensor dk = Tensor.uninitialised(q.device(), q.dtype(), k.shape().prepend(directions));
            Tensor dv = Tensor.uninitialised(q.device(), q.dtype(), v.shape().prepend(directions));
            try (Addresses at = Addresses.open()) {
                q.kernels()
                        .attentionPull(
                                a,
                                directions,
                                at.of(q),
                                at.of(k),
                                at.of(v),
                                at.ofNullable(l),
                                at.of(u),
                                at.of(dq),
                                at.of(dk),
                                at.of(dv));
            }
            return new Tensor[] {dq, dk, dv};
        }

        private static Tensor first(@Nullable Tensor... t) {
            for (Tensor x : t) {
                if (x != null) {
                    return x;
                }
            }
            throw new IllegalArgumentException("attention: push without a tangent");
        }
    }
}
