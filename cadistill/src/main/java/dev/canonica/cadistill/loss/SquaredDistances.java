package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Curvature;
import dev.canonica.autodiff.LinearMap;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/**
 * The squared distances of rows, x [n, d], by their differences: |xᵢ|² + |xⱼ|² − 2 xᵢ·xⱼ would have lost those of near rows far from others.
 *
 * <pre>
 *   D[i, j] = ‖xⱼ − xᵢ‖²      dD[i, j] = 2 ⟨xⱼ − xᵢ, dxⱼ − dxᵢ⟩      x̄ᵢ = −2 Σⱼ (u[i, j] + u[j, i]) (xⱼ − xᵢ)
 * </pre>
 *
 * <p>Differences are made for some rows at a time, and again for the derivative, so that memory grows with n² and not with n² d.
 */
final class SquaredDistances {
    /** Most numbers of the differences that are there at a time. */
    private static final int MOST = 1 << 22;

    private SquaredDistances() {}

    /** D [n, n], with 0 on the diagonal. */
    static Var of(Var x) {
        Tensor t = x.value();
        return Var.record(
                "squaredDistances",
                products(t, t),
                () -> LinearMap.of(v -> pushed(t, v), u -> pulled(t, u)),
                () -> Curvature.of(SquaredDistances::changed),
                x);
    }

    /** ⟨xⱼ − xᵢ, yⱼ − yᵢ⟩: [n, n]. */
    private static Tensor products(Tensor x, Tensor y) {
        int n = x.dim(0);
        Tensor d = Tensor.zeros(x.device(), x.dtype(), Shape.of(n, n));
        for (int from = 0, to; from < n; from = to) {
            to = Math.min(n, from + some(x));
            try (Scope _ = Scope.open()) {
                Tensor ofX = differences(x, from, to);
                Tensor ofY = y == x ? ofX : differences(y, from, to);
                d.rows(from, to).assign(ofX.times(ofY).sum(-1));
            }
        }
        return d;
    }

    /** How many rows at a time. */
    private static int some(Tensor x) {
        return (int) Math.max(1, MOST / Math.max(1, x.size()));
    }

    /** xⱼ − xᵢ of some i: [i, n, d]. */
    private static Tensor differences(Tensor x, int from, int to) {
        int n = x.dim(0);
        int d = x.dim(1);
        return x.reshape(1, n, d).minus(x.rows(from, to).reshape(to - from, 1, d));
    }

    private static Tensor pushed(Tensor x, Tensor v) {
        int n = x.dim(0);
        Tensor d = Tensor.zeros(x.device(), x.dtype(), Shape.of(v.dim(0), n, n));
        for (int k = 0; k < v.dim(0); k++) {
            try (Scope _ = Scope.open()) {
                d.row(k).assign(products(x, v.row(k)).times(2));
            }
        }
        return d;
    }

    private static Tensor pulled(Tensor x, Tensor u) {
        Tensor result = Tensor.zeros(x.device(), x.dtype(), x.shape().prepend(u.dim(0)));
        for (int k = 0; k < u.dim(0); k++) {
            pull(x, u.row(k), result.row(k));
        }
        return result;
    }

    /** The pull, which is linear in x, too: its change as x moves by each v is that at v. */
    private static Tensor changed(Tensor u, Tensor v) {
        Tensor result = Tensor.zeros(v.device(), v.dtype(), v.shape());
        for (int k = 0; k < v.dim(0); k++) {
            pull(v.row(k), u.row(0), result.row(k));
        }
        return result;
    }

    private static void pull(Tensor x, Tensor u, Tensor result) {
        int n = x.dim(0);
        int d = x.dim(1);
        for (int from = 0, to; from < n; from = to) {
            to = Math.min(n, from + some(x));
            try (Scope _ = Scope.open()) {
                Tensor both = u.plus(u.transpose()).rows(from, to).times(-2);
                result.rows(from, to)
                        .assign(both.reshape(to - from, 1, n)
                                .matmul(differences(x, from, to))
                                .reshape(to - from, d));
            }
        }
    }
}
