package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.LinearAlgebra;
import dev.canonica.tensor.operation.LinearSystems;

/**
 * Linear systems and factors of matrices [..., m, n], whose leading axes are a batch. Where factors are no differentiable function of the matrix, they are refused.
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
        return new LinearEquations.Full(a.value()).solve("solve", a, b);
    }

    /**
     * X of T X = B for a triangular T [..., n, n], of which only one triangle is read: B [..., n, k] → [..., n, k].
     *
     * <pre>
     *   dX = T⁻¹ (dB − tri(dT) X)      B̄ = T⁻ᵀ u      T̄ = −tri(B̄ Xᵀ)
     * </pre>
     *
     * @param upper whether the upper triangle is read, or the lower one
     * @throws IllegalArgumentException if shapes do not fit, or an element of the diagonal is 0 or not finite
     */
    public static Var solveTriangular(Var t, Var b, boolean upper) {
        return new LinearEquations.Triangular(t.value(), upper).solve("solveTriangular", t, b);
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
        if (!a.isActive()) {
            return Var.constant(l);
        }
        int n = l.dim(-1);
        Var phi = Var.constant(Triangles.lower(l, n, 0.5));
        return FactorMap.record(
                "cholesky",
                l,
                f -> inverse(f, false),
                (inverse, d) -> l.matmul(inverse.matmul(symmetric(d))
                        .matmul(false, inverse, true)
                        .times(phi.value())),
                (f, inverse, u) -> symmetric(inverse.transpose()
                        .matmul(f.transpose().matmul(u).times(phi))
                        .matmul(inverse)),
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
        LinearAlgebra.Qr qr = LinearAlgebra.qr(a.value());
        if (!a.isActive()) {
            return new Qr(Var.constant(qr.q()), Var.constant(qr.r()));
        }
        refuseDependent(qr.r(), "qr: column ", a.shape());
        return qr("qr", qr.q(), qr.r(), a);
    }

    /**
     * A = L Q.
     *
     * @param l lower triangular [..., m, m], with a positive diagonal
     * @param q orthonormal rows [..., m, n]
     */
    public record Lq(Var l, Var q) {}

    /**
     * The thin LQ factorisation of wide matrices with independent rows: that of the transpose by {@link #qr}, whose derivatives these are, Aᵀ = Qᵀ Lᵀ.
     *
     * @param a [..., m, n], m ≤ n
     * @throws IllegalArgumentException if a is differentiated, and rows of a matrix depend on each other to 10⁻⁶, so that Q is no function of it
     */
    public static Lq lq(Var a) {
        LinearAlgebra.Lq lq = LinearAlgebra.lq(a.value());
        if (!a.isActive()) {
            return new Lq(Var.constant(lq.l()), Var.constant(lq.q()));
        }
        Tensor r = lq.l().transpose();
        refuseDependent(r, "lq: row ", a.shape());
        Qr qr = qr("lq", lq.q().transpose(), r, a.transpose());
        return new Lq(qr.r().transpose(), qr.q().transpose());
    }

    private static Qr qr(String primitive, Tensor q, Tensor r, Var a) {
        int m = q.dim(-2);
        int n = r.dim(-1);
        Tensor below = Triangles.lower(r, n, 0);
        Var strictly = Var.constant(below);
        Var lower = Var.constant(Triangles.lower(r, n, 1));
        Var both = FactorMap.record(
                primitive,
                Tensor.concatenate(-2, q, r),
                f -> inverse(f.slice(-2, m, m + n), true),
                (inverse, d) -> {
                    Tensor c = q.matmul(true, d, false).matmul(inverse);
                    Tensor omega = c.times(below).minus(c.times(below).transpose());
                    Tensor dq = d.matmul(inverse).minus(q.matmul(c)).plus(q.matmul(omega));
                    return Tensor.concatenate(-2, dq, c.minus(omega).matmul(r));
                },
                (f, inverse, u) -> {
                    Var fq = f.slice(-2, 0, m);
                    Var uq = u.slice(-2, 0, m);
                    Var ur = u.slice(-2, m, m + n);
                    Var mm = f.slice(-2, m, m + n)
                            .matmul(ur.transpose())
                            .minus(uq.transpose().matmul(fq));
                    Var sym = mm.times(lower).plus(mm.times(strictly).transpose());
                    return uq.plus(fq.matmul(sym)).matmul(inverse.transpose());
                },
                a);
        return new Qr(both.slice(-2, 0, m), both.slice(-2, m, m + n));
    }

    /** A column depends on those before it where little is left of it, beside its own length and beside what is left of others. */
    private static void refuseDependent(Tensor r, String which, Shape a) {
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
                    throw new IllegalArgumentException(which + i + " of a matrix of shape " + a
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
            refuseDegenerate("svd", f.s(), a.shape());
        }
        SingularVectors rules = new SingularVectors(m, n);
        Tensor factors = SingularVectors.factors(f);
        Var all = FactorMap.record(
                "svd", factors, rules::gaps, (gaps, d) -> rules.push(factors, gaps, d), rules::pull, a);
        return new Svd(
                all.slice(-2, 0, m), Layouts.squeeze(all.slice(-2, m, m + 1), -2), all.slice(-2, m + 1, m + 1 + n));
    }

    /**
     * The singular values alone, descending: A [..., m, n] → [..., k], k = min(m, n). With A = U diag(s) Vᵀ,
     *
     * <pre>
     *   ds = diag(Uᵀ dA V)      Ā = U diag(u) Vᵀ
     * </pre>
     *
     * <p>The first derivative is given of any matrix, as {@code torch.linalg.svdvals} has it. Where values are equal, it is that by the vectors which the decomposition chose: of functions to
     * which equal values are alike (their sum, norms, products) it is the derivative, whatever the choice; one of the equal values alone has none. A value that is 0 has no derivative
     * either: 0 is given, a subgradient, as {@link Reductions#norm} has at 0. The second derivative needs values that differ from each other and from 0, as {@link #svd} does, and is refused elsewhere when it is
     * asked for.
     *
     * @throws IllegalArgumentException if a is no matrix, is empty, or not finite
     */
    public static Var singularValues(Var a) {
        LinearAlgebra.Svd f = LinearAlgebra.svd(a.value());
        Tensor s = f.s();
        SingularVectors rules = new SingularVectors(a.dim(-2), a.dim(-1));
        return Var.record(
                "singularValues",
                s,
                () -> {
                    Tensor u = f.u().times(SingularVectors.row(s.map(Unary.STEP))); // of values of 0 none
                    return LinearMap.of(
                            d -> u.times(d.matmul(false, f.vt(), true)).sum(-2),
                            c -> u.times(SingularVectors.row(c)).matmul(f.vt()));
                },
                () -> Curvature.of((u, d) -> {
                    refuseDegenerate("singularValues: second derivative", s, a.shape());
                    return rules.valuesHessian(SingularVectors.factors(f), u, d);
                }),
                a);
    }

    private static void refuseDegenerate(String operation, Tensor s, Shape a) {
        int k = s.dim(-1);
        double[] x = s.toDoubles();
        for (int i = 0; i < x.length; i++) {
            double first = x[i - i % k];
            double next = i % k == k - 1 ? 0 : x[i + 1];
            if (!(x[i] - next > 1e-4 * first)) {
                throw new IllegalArgumentException(
                        operation + ": singular values " + x[i] + " and " + next + " of a matrix of shape " + a
                                + " are too near each other: their vectors are no differentiable function of it");
            }
        }
    }

    private static Tensor symmetric(Tensor a) {
        return a.plus(a.transpose()).times(0.5);
    }

    private static Var symmetric(Var a) {
        return a.plus(a.transpose()).times(0.5);
    }

    private static Var inverse(Var triangular, boolean upper) {
        Tensor t = triangular.value();
        Tensor eye = Triangles.identity(t, t.dim(-1)).broadcastTo(t.shape());
        return solveTriangular(triangular, Var.constant(eye), upper);
    }
}
