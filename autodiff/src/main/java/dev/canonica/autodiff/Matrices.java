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
     *
     * <p>A vector counts as a row on the left and as a column on the right, and its axis is missing from the result: [k] × [..., k, n] → [..., n],
     * [..., m, k] × [k] → [..., m], [k] × [k] → [].
     */
    public static Var matmul(Var a, Var b) {
        if (a.shape().rank() == 1 && b.shape().rank() >= 1) {
            Var row = matmul(Layouts.unsqueeze(a, 0), b);
            return Layouts.squeeze(row, b.shape().rank() == 1 ? -1 : -2);
        }
        if (b.shape().rank() == 1 && a.shape().rank() >= 1) {
            return Layouts.squeeze(matmul(a, Layouts.unsqueeze(b, 1)), -1);
        }
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
                () -> {
                    Shape sa = a.shape();
                    Shape sb = b.shape();
                    return Curvature.bilinear(
                            a,
                            b,
                            (u, db) -> Blocks.sumTo(u.matmul(false, Blocks.align(db, sc.rank()), true), sa),
                            (u, da) -> Blocks.sumTo(Blocks.align(da, sc.rank()).matmul(true, u, false), sb));
                },
                a,
                b);
    }

    /**
     * Sums of products by name (Einstein's convention), as {@code numpy.einsum}: {@code "bij,bjk->bik"} are products of matrices in a batch, {@code "ii->"} is a
     * trace, {@code "...i,i->..."} takes whatever leading axes there are. A letter on both sides of the arrow is kept, any other is summed over; without an arrow
     * the letters that occur once are kept, in alphabetical order. Operands are contracted from left to right, each step being one {@link #matmul}.
     *
     * @throws IllegalArgumentException if the names do not fit the operands, or a letter has two extents
     */
    public static Var einsum(String equation, Var... operands) {
        return Einsum.of(equation, operands);
    }

    /** Σ xᵢ yᵢ of two vectors, a scalar. */
    public static Var dot(Var x, Var y) {
        if (x.shape().rank() != 1 || !x.shape().equals(y.shape())) {
            throw new IllegalArgumentException("dot: vectors of one length needed: " + x.shape() + " and " + y.shape());
        }
        return matmul(x, y);
    }

    /** xᵢ yⱼ of two vectors: [m] and [n] → [m, n]. */
    public static Var outer(Var x, Var y) {
        if (x.shape().rank() != 1 || y.shape().rank() != 1) {
            throw new IllegalArgumentException("outer: vectors needed: " + x.shape() + " and " + y.shape());
        }
        return Layouts.unsqueeze(x, 1).times(y);
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
                () -> {
                    Shape sx = x.shape();
                    return Curvature.bilinear(
                            x,
                            w,
                            (u, dw) -> perDirection(u).matmul(dw).reshape(sx.prepend(dw.dim(0))),
                            (u, dx) -> perDirection(u).matmul(true, perDirection(dx), false));
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
