package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.LinearAlgebra;
import dev.canonica.tensor.operation.LinearSystems;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Linear systems and factors of matrices [..., m, n], whose leading axes are a batch. Factors have no second derivative here; where they are no differentiable function of the
 * matrix, they are refused.
 */
public final class Decompositions {
    private Decompositions() {}

    /**
     * X of A X = B: A [..., n, n], B [..., n, k] → [..., n, k].
     *
     * <pre>
     *   dX = A⁻¹ (dB − dA X)      B̄ = A⁻ᵀ u      Ā = −B̄ Xᵀ
     * </pre>
     *
     * @throws IllegalArgumentException if shapes do not fit, or a matrix is singular
     */
    public static Var solve(Var a, Var b) {
        Tensor ta = a.value();
        Tensor x = LinearSystems.solve(ta, b.value());
        return Var.record(
                "solve",
                x,
                () -> LinearMap.sum(
                        a.partial(
                                d -> solved(ta, d.matmul(x)).negate(),
                                u -> solved(ta.transpose(), u).negate().matmul(false, x, true)),
                        b.partial(d -> solved(ta, d), u -> solved(ta.transpose(), u))),
                () -> {
                    boolean byA = a.isActive();
                    boolean byB = b.isActive();
                    return (u, v) -> curved(ta, x, u, byA ? v[0] : null, byB ? v[1] : null);
                },
                a,
                b);
    }

    /** dB̄ = −A⁻ᵀ dAᵀ B̄, dĀ = −dB̄ Xᵀ − B̄ dXᵀ. */
    private static @Nullable Tensor[] curved(Tensor a, Tensor x, Tensor u, @Nullable Tensor da, @Nullable Tensor db) {
        Tensor b = solved(a.transpose(), u);
        Tensor dx = da == null ? null : solved(a, da.matmul(x)).negate();
        if (db != null) {
            Tensor part = solved(a, db);
            dx = dx == null ? part : dx.plus(part);
        }
        Tensor byB = da == null
                ? null
                : solved(a.transpose(), da.matmul(true, b, false)).negate();
        Tensor byA = dx == null ? null : b.matmul(false, dx, true).negate();
        if (byB != null && byA != null) {
            byA = byA.minus(byB.matmul(false, x, true));
        }
        return new @Nullable Tensor[] {byA, byB};
    }

    /** A⁻¹ D of a block D [K, ..., n, k], whose directions become columns. */
    private static Tensor solved(Tensor a, Tensor d) {
        int rank = d.rank();
        int k = d.dim(0);
        int columns = d.dim(-1);
        if (k == 0 || columns == 0) {
            return d.affine(1, 0);
        }
        int[] order = new int[rank];
        for (int i = 0; i < rank; i++) {
            order[i] = i < rank - 2 ? i + 1 : i == rank - 2 ? 0 : rank - 1;
        }
        Tensor side = d.permute(order);
        Shape s = side.shape();
        int[] dims = Arrays.copyOf(s.dims(), rank - 1);
        dims[rank - 2] = Math.multiplyExact(k, columns);
        return LinearSystems.solve(a, side.reshape(Shape.of(dims))).reshape(s).permute(Axes.inverse(order));
    }

    /**
     * The lower triangular L of (A + Aᵀ)/2 = L Lᵀ, with a positive diagonal: [..., n, n]. With Φ the lower triangle, its diagonal halved (Murray 2016),
     *
     * <pre>
     *   dL = L Φ(L⁻¹ dS L⁻ᵀ)      S̄ = L⁻ᵀ Φ(Lᵀ u) L⁻¹      of S = (A + Aᵀ)/2
     * </pre>
     *
     * @throws IllegalArgumentException if a matrix is not positive definite
     */
    public static Var cholesky(Var a) {
        Tensor l = LinearSystems.cholesky(
                a.shape().rank() < 2 || a.dim(-1) != a.dim(-2) ? a.value() : symmetric(a.value()));
        return Var.record(
                "cholesky",
                l,
                () -> {
                    int n = l.dim(-1);
                    Tensor inverse =
                            LinearSystems.solveTriangular(l, identity(l, n).broadcastTo(l.shape()), false);
                    Tensor phi = lower(l, n, 0.5);
                    return LinearMap.of(
                            d -> l.matmul(inverse.matmul(symmetric(d))
                                    .matmul(false, inverse, true)
                                    .times(phi)),
                            u -> symmetric(inverse.matmul(
                                            true, l.matmul(true, u, false).times(phi), false)
                                    .matmul(inverse)));
                },
                a);
    }

    /**
     * A = Q R.
     *
     * @param q orthonormal columns [..., m, n]
     * @param r upper triangular [..., n, n], with a positive diagonal
     */
    public record Qr(Var q, Var r) {}

    /**
     * The thin QR factorisation of tall matrices with independent columns. With C = Qᵀ dA R⁻¹, Ω = tril(C, −1) − tril(C, −1)ᵀ, M = R R̄ᵀ − Q̄ᵀ Q and sym(M) = tril(M) mirrored,
     *
     * <pre>
     *   dR = (C − Ω) R      dQ = (dA − Q Qᵀ dA) R⁻¹ + Q Ω      Ā = (Q̄ + Q sym(M)) R⁻ᵀ
     * </pre>
     *
     * @param a [..., m, n], m ≥ n
     * @throws IllegalArgumentException if a is differentiated, and columns of a matrix depend on each other to 10⁻⁶, so that Q is no function of it
     */
    public static Qr qr(Var a) {
        LinearAlgebra.Qr f = LinearAlgebra.qr(a.value());
        int m = f.q().dim(-2);
        int n = f.r().dim(-1);
        if (a.isActive()) {
            refuseDependent(f.r(), a.shape());
        }
        Tensor q = f.q();
        Tensor r = f.r();
        Var both = Var.record(
                "qr",
                Tensor.concatenate(-2, q, r),
                () -> {
                    Tensor inverse =
                            LinearSystems.solveTriangular(r, identity(r, n).broadcastTo(r.shape()), true);
                    Tensor below = lower(r, n, 0);
                    return LinearMap.of(
                            d -> {
                                Tensor c = q.matmul(true, d, false).matmul(inverse);
                                Tensor omega =
                                        c.times(below).minus(c.times(below).transpose());
                                Tensor dq = d.matmul(inverse).minus(q.matmul(c)).plus(q.matmul(omega));
                                return Tensor.concatenate(-2, dq, c.minus(omega).matmul(r));
                            },
                            u -> {
                                Tensor uq = u.slice(-2, 0, m);
                                Tensor ur = u.slice(-2, m, m + n);
                                Tensor mm = r.matmul(false, ur, true).minus(uq.matmul(true, q, false));
                                Tensor strict = mm.times(below);
                                Tensor sym = mm.times(lower(r, n, 1)).plus(strict.transpose());
                                return uq.plus(q.matmul(sym)).matmul(false, inverse, true);
                            });
                },
                a);
        return new Qr(both.slice(-2, 0, m), both.slice(-2, m, m + n));
    }

    /** A column depends on those before it where little is left of it, beside its own length and beside what is left of others. */
    private static void refuseDependent(Tensor r, Shape a) {
        int n = r.dim(-1);
        double[] x = r.toDoubles();
        for (int base = 0; base < x.length; base += n * n) {
            double greatest = 0;
            for (int i = 0; i < n; i++) {
                greatest = Math.max(greatest, Math.abs(x[base + i * (n + 1)]));
            }
            for (int i = 0; i < n; i++) {
                double length = 0;
                for (int j = 0; j <= i; j++) {
                    length = Math.max(length, Math.abs(x[base + j * n + i]));
                }
                if (!(Math.abs(x[base + i * (n + 1)]) > 1e-6 * Math.min(greatest, length))) {
                    throw new IllegalArgumentException("qr: column " + i + " of a matrix of shape " + a
                            + " depends on those before it: Q is no differentiable function of it");
                }
            }
        }
    }

    /**
     * A = U diag(s) Vᵀ.
     *
     * @param u left singular vectors [..., m, k], k = min(m, n)
     * @param s singular values, descending [..., k]
     * @param v right singular vectors [..., n, k]
     */
    public record Svd(Var u, Var s, Var v) {}

    /**
     * The thin singular value decomposition, of matrices whose singular values differ from each other and from 0. Vectors come with either sign, which nearby matrices need not share: a function
     * of them should not depend on it. With P = Uᵀ dA V and F[i, j] = 1/(s_j² − s_i²), 0 on the diagonal (Giles 2008),
     *
     * <pre>
     *   ds = diag P      dU = U (F ⊙ (P S + S Pᵀ)) + (I − U Uᵀ) dA V S⁻¹      dV = V (F ⊙ (S P + Pᵀ S)) + (I − V Vᵀ) dAᵀ U S⁻¹
     * </pre>
     *
     * @throws IllegalArgumentException if a is differentiated, and two singular values of a matrix agree to 10⁻⁴ of the greatest, or one is that small: the vectors are no
     *     differentiable function then
     */
    public static Svd svd(Var a) {
        LinearAlgebra.Svd f = LinearAlgebra.svd(a.value());
        Tensor u = f.u();
        Tensor v = f.vt().transpose();
        int m = u.dim(-2);
        int n = v.dim(-2);
        if (a.isActive()) {
            refuseDegenerate(f.s(), a.shape());
        }
        Tensor row = f.s().reshape(u.shape().with(-2, 1)); // [..., 1, k]
        Var all = Var.record("svd", Tensor.concatenate(-2, u, row, v), () -> new SvdMap(u, row, v), a);
        return new Svd(
                all.slice(-2, 0, m), Layouts.squeeze(all.slice(-2, m, m + 1), -2), all.slice(-2, m + 1, m + 1 + n));
    }

    private static void refuseDegenerate(Tensor s, Shape a) {
        int k = s.dim(-1);
        double[] x = s.toDoubles();
        for (int i = 0; i < x.length; i++) {
            double first = x[i - i % k];
            double next = i % k == k - 1 ? 0 : x[i + 1];
            if (!(x[i] - next > 1e-4 * first)) {
                throw new IllegalArgumentException(
                        "svd: singular values " + x[i] + " and " + next + " of a matrix of shape " + a
                                + " are too near each other: their vectors are no differentiable function of it");
            }
        }
    }

    /** The derivative of [U; s; V], stacked. */
    private static final class SvdMap implements LinearMap {
        private final Tensor u;
        private final Tensor s;
        private final Tensor v;
        private final Tensor greatest; // s₁
        private final Tensor t; // s/s₁, whose squares stay in the type's range
        private final Tensor f; // of t: F s₁²

        SvdMap(Tensor u, Tensor s, Tensor v) {
            this.u = u;
            this.s = s;
            this.v = v;
            greatest = s.slice(-1, 0, 1);
            t = s.divide(greatest);
            Tensor tt = t.transpose();
            Tensor eye = identity(s, s.dim(-1));
            Tensor difference = t.minus(tt).times(t.plus(tt)).plus(eye); // t_j² − t_i²
            f = difference.map(Unary.RECIPROCAL).times(eye.affine(-1, 1));
        }

        @Override
        public Tensor push(@Nullable Tensor... tangents) {
            Tensor d = Objects.requireNonNull(tangents[0]);
            Tensor p = u.matmul(true, d, false).matmul(v);
            Tensor pt = p.transpose();
            Tensor tt = t.transpose(); // diag(t) X = t ⊙ X by rows
            Tensor dv = d.matmul(v);
            Tensor du = d.matmul(true, u, false);
            Tensor left = u.matmul(f.times(p.times(t).plus(pt.times(tt))).divide(greatest))
                    .plus(dv.minus(u.matmul(p)).divide(s));
            Tensor right = v.matmul(f.times(p.times(tt).plus(pt.times(t))).divide(greatest))
                    .plus(du.minus(v.matmul(pt)).divide(s));
            Tensor ds = p.times(identity(s, s.dim(-1))).sum(-2);
            return Tensor.concatenate(-2, left, ds.reshape(p.shape().with(-2, 1)), right);
        }

        @Override
        public @Nullable Tensor[] pull(Tensor cotangent) {
            int m = u.dim(-2);
            int n = v.dim(-2);
            Tensor uu = cotangent.slice(-2, 0, m);
            Tensor us = cotangent.slice(-2, m, m + 1);
            Tensor uv = cotangent.slice(-2, m + 1, m + 1 + n);
            Tensor a = u.matmul(true, uu, false);
            Tensor b = v.matmul(true, uv, false);
            Tensor inner = f.times(a.minus(a.transpose()))
                    .times(t)
                    .plus(f.times(b.minus(b.transpose())).times(t.transpose()))
                    .divide(greatest)
                    .plus(us.times(identity(s, s.dim(-1))));
            Tensor left = uu.minus(u.matmul(a)).divide(s); // (I − U Uᵀ) Ū S⁻¹
            Tensor right = uv.minus(v.matmul(b)).divide(s);
            Tensor result = u.matmul(inner).plus(left).matmul(false, v, true);
            return new @Nullable Tensor[] {result.plus(u.matmul(false, right, true))};
        }
    }

    private static Tensor symmetric(Tensor a) {
        return a.plus(a.transpose()).times(0.5);
    }

    private static Tensor identity(Tensor like, int n) {
        double[] x = new double[n * n];
        for (int i = 0; i < n; i++) {
            x[i * (n + 1)] = 1;
        }
        return Tensor.of(like.device(), x, n, n).to(like.dtype());
    }

    /** 1 below the diagonal, a number on it, 0 above. */
    private static Tensor lower(Tensor like, int n, double diagonal) {
        double[] x = new double[n * n];
        for (int i = 0; i < n; i++) {
            Arrays.fill(x, i * n, i * n + i, 1);
            x[i * (n + 1)] = diagonal;
        }
        return Tensor.of(like.device(), x, n, n).to(like.dtype());
    }
}
