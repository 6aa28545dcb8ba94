package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.MultiHeadAttention;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Multi-head attention as one primitive; the formulas of value, push and pull are those of {@link MultiHeadAttention}. */
public final class Attentions {
    private Attentions() {}

    /**
     * Attention of queries [B, T, D] to keys and values [B, S, D], in {@code heads} heads of D/heads columns each, at scale 1/√(D/heads).
     *
     * @return [B, T, D]
     */
    public static Var attention(Var q, Var k, Var v, int heads) {
        return record("attention", MultiHeadAttention.of(q.value(), k.value(), v.value(), heads), q, k, v);
    }

    /**
     * Self-attention of packed queries, keys and values [B, T, 3D], D columns of each after the other, as one linear layer makes them.
     *
     * @return [B, T, D]
     */
    public static Var selfAttention(Var qkv, int heads) {
        return record("selfAttention", MultiHeadAttention.packed(qkv.value(), heads), qkv);
    }

    private static Var record(String name, MultiHeadAttention a, Var... operands) {
        return Var.record(name, a.value(), () -> new Derivative(a), operands);
    }

    private record Derivative(MultiHeadAttention a) implements LinearMap {
        @Override
        public Tensor push(@Nullable Tensor... tangents) {
            return a.push(tangents);
        }

        @Override
        public @Nullable Tensor[] pull(Tensor u) {
            return a.pull(u).toArray(Tensor[]::new);
        }
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

    /** −∞ above the diagonal, 0 elsewhere. */
    private static Tensor future(int n) {
        double[] m = new double[n * n];
        for (int i = 0; i < n; i++) {
            Arrays.fill(m, i * n + i + 1, (i + 1) * n, Double.NEGATIVE_INFINITY);
        }
        return Tensor.of(m, n, n);
    }
}
