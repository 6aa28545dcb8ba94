package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;

/** The rules of {@link Decompositions#svd}: of [U; s; V], stacked [..., m + 1 + n, k]. */
record SingularVectors(int m, int n) {
    static Tensor factors(LinearAlgebra.Svd f) {
        return Tensor.concatenate(-2, f.u(), row(f.s()), f.vt().transpose());
    }

    /** [..., k] as [..., 1, k], to scale columns by. */
    static Tensor row(Tensor s) {
        return s.reshape(
                Shape.of(1, s.dim(-1)).prepend(s.shape().without(s.rank() - 1).dims()));
    }

    private Var u(Var factors) {
        return factors.slice(-2, 0, m);
    }

    private Var s(Var factors) {
        return factors.slice(-2, m, m + 1);
    }

    private Var v(Var factors) {
        return factors.slice(-2, m + 1, m + 1 + n);
    }

    /** The greatest of s. */
    private static Var greatest(Var s) {
        return s.slice(-1, 0, 1);
    }

    /** F s₁², of t = s/s₁, whose squares stay in the type's range. */
    Var gaps(Var factors) {
        Var s = s(factors);
        Var t = s.divide(greatest(s));
        Var tt = t.transpose();
        Tensor eye = Triangles.identity(s.value(), s.dim(-1));
        Var difference = t.minus(tt).times(t.plus(tt)).plus(Var.constant(eye)); // t_j² − t_i²
        return Activations.reciprocal(difference).times(Var.constant(eye.affine(-1, 1)));
    }

    Tensor push(Tensor factors, Tensor f, Tensor d) {
        Tensor u = factors.slice(-2, 0, m);
        Tensor s = factors.slice(-2, m, m + 1);
        Tensor v = factors.slice(-2, m + 1, m + 1 + n);
        Tensor greatest = s.slice(-1, 0, 1);
        Tensor t = s.divide(greatest);
        Tensor p = u.matmul(true, d, false).matmul(v);
        Tensor pt = p.transpose();
        Tensor tt = t.transpose(); // diag(t) X = t ⊙ X by rows
        Tensor dv = d.matmul(v);
        Tensor du = d.matmul(true, u, false);
        Tensor left = u.matmul(f.times(p.times(t).plus(pt.times(tt))).divide(greatest))
                .plus(dv.minus(u.matmul(p)).divide(s));
        Tensor right = v.matmul(f.times(p.times(tt).plus(pt.times(t))).divide(greatest))
                .plus(du.minus(v.matmul(pt)).divide(s));
        Tensor ds = p.times(Triangles.identity(s, s.dim(-1))).sum(-2);
        return Tensor.concatenate(-2, left, ds.reshape(p.shape().with(-2, 1)), right);
    }

    /** The second derivative of s, d/dt U diag(c) Vᵀ along dA: dU diag(c) Vᵀ + U diag(c) dVᵀ, of c [1, ..., k] and dA [K, ..., m, n]. */
    Tensor valuesHessian(Tensor factors, Tensor c, Tensor d) {
        Tensor u = factors.slice(-2, 0, m);
        Tensor v = factors.slice(-2, m + 1, m + 1 + n);
        Tensor moved = push(factors, gaps(Var.constant(factors)).value(), d);
        Tensor row = row(c);
        Tensor du = moved.slice(-2, 0, m).times(row);
        Tensor dv = moved.slice(-2, m + 1, m + 1 + n);
        return du.matmul(false, v, true).plus(u.times(row).matmul(false, dv, true));
    }

    Var pull(Var factors, Var f, Var cotangent) {
        Var u = u(factors);
        Var s = s(factors);
        Var v = v(factors);
        Var uu = u(cotangent);
        Var uv = v(cotangent);
        Var t = s.divide(greatest(s));
        Var a = u.transpose().matmul(uu);
        Var b = v.transpose().matmul(uv);
        Var inner = f.times(a.minus(a.transpose()))
                .times(t)
                .plus(f.times(b.minus(b.transpose())).times(t.transpose()))
                .divide(greatest(s))
                .plus(s(cotangent).times(Var.constant(Triangles.identity(s.value(), s.dim(-1)))));
        Var left = uu.minus(u.matmul(a)).divide(s); // (I − U Uᵀ) Ū S⁻¹
        Var right = uv.minus(v.matmul(b)).divide(s);
        return u.matmul(inner).plus(left).matmul(v.transpose()).plus(u.matmul(right.transpose()));
    }
}
