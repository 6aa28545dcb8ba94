package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.MultiHeadAttention;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Multi-head attention as one primitive; the formulas of value, push and pull are those of {@link MultiHeadAttention}. */
public final class Attentions {
    private Attentions() {}

    /**
     * Attention of queries [B, T, D] to keys and values [B, S, D], in {@code heads} heads of D/heads columns each, at scale c = 1/√(D/heads) (Vaswani et
     * al., 2017, equation 1).
     *
     * <pre>
     *   P = softmax(c Q Kᵀ)      O = P V      dP = P ⊙ (dS − ⟨P, dS⟩) with dS = c (dQ Kᵀ + Q dKᵀ)      dO = dP V + P dV
     *   V̄ = Pᵀ u      S̄ = P ⊙ (u Vᵀ − ⟨P, u Vᵀ⟩)      Q̄ = c S̄ K      K̄ = c S̄ᵀ Q
     * </pre>
     *
     * @return [B, T, D]
     */
    public static Var attention(Var q, Var k, Var v, int heads) {
        return record(
                "attention",
                MultiHeadAttention.of(q.value(), k.value(), v.value(), heads),
                x -> expanded(x.get(0), x.get(1), x.get(2), heads),
                q,
                k,
                v);
    }

    /**
     * Self-attention of packed queries, keys and values [B, T, 3D], D columns of each after the other, as one linear layer makes them: O = attention(Q, K, V) of
     * [Q K V] = x, and x̄ = [Q̄ K̄ V̄].
     *
     * @return [B, T, D]
     */
    public static Var selfAttention(Var qkv, int heads) {
        return record(
                "selfAttention",
                MultiHeadAttention.packed(qkv.value(), heads),
                x -> {
                    int d = x.get(0).dim(2) / 3;
                    List<Var> parts = Layouts.split(x.get(0), 2, d, d, d);
                    return expanded(parts.get(0), parts.get(1), parts.get(2), heads);
                },
                qkv);
    }

    private static Var record(String name, MultiHeadAttention a, Function<List<Var>, Var> expanded, Var... operands) {
        return Var.record(
                name, a.value(), () -> new Derivative(a), () -> Curvature.expansion(expanded, operands), operands);
    }

    /** Attention by products and softmax, whose T × S weights are kept. */
    private static Var expanded(Var q, Var k, Var v, int heads) {
        return output(Normalisation.softmax(scores(q, k, heads)), v, heads, q.shape());
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
     * Self-attention [B, T, D] in which a position attends to itself and to those before it, as a text is read (Vaswani et al., 2017, §3.2.3). It
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
        Tensor mask = future(s.dim(1)).to(q.value().dtype()).to(q.value().device());
        Var p = Normalisation.softmax(scores(q, k, heads).plus(Var.constant(mask)));
        return output(p, v, heads, s);
    }

    /** Q Kᵀ/√(D/heads): [B, heads, T, S]. */
    private static Var scores(Var q, Var k, int heads) {
        int width = q.dim(2) / heads;
        return Matrices.matmul(
                apart(q, heads).times(1 / Math.sqrt(width)), apart(k, heads).transpose());
    }

    /** P V, the heads side by side again. */
    private static Var output(Var p, Var v, int heads, Shape s) {
        return Matrices.matmul(p, apart(v, heads)).permute(0, 2, 1, 3).reshape(s.dims());
    }

    /** [B, T, D] → [B, heads, T, D/heads]. */
    private static Var apart(Var x, int heads) {
        return x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads).permute(0, 2, 1, 3);
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
