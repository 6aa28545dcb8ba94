package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Linear;

/** Matrix products. */
public final class Matrices {
    private Matrices() {}

    /**
     * Products of matrices, leading axes broadcast: [..., m, k] × [..., k, n] → [..., m, n].
     *
     * <pre>
     *   C = A B      dC = dA B + A dB      Ā = Ū Bᵀ      B̄ = Aᵀ Ū
     * </pre>
     */
    public static Var matmul(Var a, Var b) {
        Tensor c = a.value().matmul(b.value());
        Shape sc = c.shape();
        return Var.record(
                "matmul",
                c,
                () -> {
                    Tensor ta = a.value();
                    Tensor tb = b.value();
                    Shape sa = ta.shape();
                    Shape sb = tb.shape();
                    return LinearMap.sum(
                            a.partial(
                                    d -> Blocks.align(d, sc.rank()).matmul(tb),
                                    u -> Blocks.sumTo(u.matmul(false, tb, true), sa)),
                            b.partial(
                                    d -> ta.matmul(Blocks.align(d, sc.rank())),
                                    u -> Blocks.sumTo(ta.matmul(true, u, false), sb)));
                },
                a,
                b);
    }

    /**
     * A linear layer: x [..., in], w [out, in], bias [out].
     *
     * <pre>
     *   y = x wᵀ + b      dy = dx wᵀ + x dwᵀ + db
     *   x̄ = u w           w̄ = Σ uᵀ x              b̄ = Σ u      (sums over all rows)
     * </pre>
     *
     * K directions of x are one GEMM with K times the rows. A {@linkplain Tensor#reused reused} w is kept packed.
     */
    public static Var linear(Var x, Var w, Var bias) {
        Tensor y = Linear.by(w.value()).bias(bias.value()).apply(x.value());
        Shape sy = y.shape();
        return Var.record(
                "linear",
                y,
                () -> {
                    Tensor tx = x.value();
                    Tensor tw = w.value();
                    return LinearMap.sum(
                            x.partial(d -> Linear.by(tw).apply(d), u -> {
                                Shape sx = tx.shape();
                                return matrix(u).matmul(tw).reshape(sx.prepend(u.dim(0)));
                            }),
                            w.partial(
                                    d -> {
                                        Tensor rows = matrix(tx);
                                        return rows.matmul(false, d, true).reshape(sy.prepend(d.dim(0)));
                                    },
                                    u -> perDirection(u).matmul(true, matrix(tx), false)),
                            bias.partial(
                                    d -> Blocks.broadcast(d, sy),
                                    u -> perDirection(u).sum(1)));
                },
                x,
                w,
                bias);
    }

    /** All axes but the last joined. */
    private static Tensor matrix(Tensor t) {
        return t.reshape(rows(t.shape(), 0), t.dim(-1));
    }

    /** [K, ..., n] → [K, rows, n]. */
    private static Tensor perDirection(Tensor t) {
        return t.reshape(t.dim(0), rows(t.shape(), 1), t.dim(-1));
    }

    private static int rows(Shape s, int from) {
        return Math.toIntExact(s.size(from, s.rank() - 1));
    }
}
