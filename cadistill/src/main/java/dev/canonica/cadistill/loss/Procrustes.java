package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Curvature;
import dev.canonica.autodiff.LinearMap;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.LinearAlgebra;

/**
 * The orthogonal Procrustes distance of two sets of features of the same samples, x [n, p] and y [n, q] (Ding et al., 2021): how far the best rotation
 * of one stays from the other. With X and Y centred and brought to Frobenius norm 1,
 *
 * <pre>
 *   min over rotations R of ‖X − Y R‖_F² = 2 − 2 ‖XᵀY‖_*      ‖M‖_*: the sum of the singular values
 * </pre>
 *
 * <p>0 for rotations of each other, at most 2. As a loss it sees the small directions of the features, which CKA, of squares, hardly does
 * (Cloos et al. 2024). Bhattarai et al. (2025, arXiv 2509.25253) show that CKA may be 1 where the angles of the features are not the teacher's, and propose this distance and that
 * of Gram matrices as losses of students in its place; Davari et al. (2022, arXiv 2210.16156), that CKA can be moved far by changes that leave what a network does as it was. The derivative is that of the nuclear norm, U Vᵀ, which is unique where no singular value is 0; elsewhere a second
 * derivative is refused.
 */
public final class Procrustes {
    private Procrustes() {}

    /**
     * The squared distance; 2 where all features of one side are the same, which does not depend on x or y then.
     *
     * @return a scalar
     */
    public static Var loss(Var x, Var y) {
        Similarities.check("procrustes", x, y);
        if (Similarities.isConstant(x) || Similarities.isConstant(y)) {
            return Similarities.constant(x.value(), 2);
        }
        Var xc = Similarities.centred(x);
        Var yc = Similarities.centred(y);
        Var m = xc.transpose().matmul(yc);
        Var norms = xc.square().sum().times(yc.square().sum()).sqrt();
        LinearAlgebra.Svd svd = LinearAlgebra.svd(m.value());
        Var distance = nuclearNorm(m, svd).divide(norms).times(-2).plus(2);
        Tensor exact = leftByRotation(ofNorm1(xc.value()), ofNorm1(yc.value()), svd);
        return Var.recordLinear("procrustes", exact, () -> LinearMap.selfAdjoint(d -> d), distance);
    }

    private static Tensor ofNorm1(Tensor x) {
        return x.times(1 / x.norm());
    }

    /**
     * ‖X − Y V Uᵀ‖_F² with XᵀY = U Σ Vᵀ: 2 − 2 ‖XᵀY‖_* loses distances below the rounding of 2. The side with fewer columns is turned, for that keeps its norm.
     */
    private static Tensor leftByRotation(Tensor x, Tensor y, LinearAlgebra.Svd svd) {
        Tensor rotation = svd.u().matmul(svd.vt());
        Tensor left = x.dim(1) >= y.dim(1) ? x.minus(y.matmul(false, rotation, true)) : y.minus(x.matmul(rotation));
        return left.map(Unary.SQUARE).sumAll();
    }

    /**
     * The sum of a matrix's singular values.
     *
     * <pre>
     *   y = Σ σᵢ of M = U Σ Vᵀ      dy = ⟨U Vᵀ, dM⟩ (Watson 1992)
     * </pre>
     *
     * @param m [p, q]
     * @return a scalar
     */
    static Var nuclearNorm(Var m) {
        return nuclearNorm(m, LinearAlgebra.svd(m.value()));
    }

    private static Var nuclearNorm(Var m, LinearAlgebra.Svd svd) {
        Tensor y = svd.s().sumAll();
        return Var.record(
                "nuclearNorm",
                y,
                () -> {
                    Tensor g = svd.u().matmul(svd.vt());
                    return LinearMap.of(
                            d -> d.times(g).sum(-1).sum(-1),
                            u -> u.reshape(u.dim(0), 1, 1).times(g));
                },
                () -> curvature(svd),
                m);
    }

    /**
     * How U Vᵀ turns with M. With P = Uᵀ dM V
     *
     * <pre>
     *   d(U Vᵀ) = U ((P − Pᵀ) ⊘ (σᵢ + σⱼ)) Vᵀ + (I − U Uᵀ) dM V Σ⁻¹ Vᵀ + U Σ⁻¹ Uᵀ dM (I − V Vᵀ)
     * </pre>
     *
     * @throws IllegalArgumentException if a singular value is 0 up to rounding: the norm has a kink there
     */
    private static Curvature curvature(LinearAlgebra.Svd svd) {
        double[] sigma = svd.s().toDoubles();
        double rounding = 32 * Similarities.rounding(svd.s().dtype());
        if (!(sigma[sigma.length - 1] > rounding * sigma[0])) {
            throw new IllegalArgumentException("procrustes: no second derivative where a singular value of XᵀY is 0: "
                    + sigma[sigma.length - 1] + " beside " + sigma[0]);
        }
        Tensor u = svd.u();
        Tensor v = svd.vt().transpose();
        Tensor s = svd.s().reshape(1, -1);
        Tensor sums = s.plus(s.transpose());
        return Curvature.of((cotangent, d) -> {
            Tensor dv = d.matmul(v);
            Tensor du = d.matmul(true, u, false);
            Tensor p = u.matmul(true, dv, false);
            Tensor turned = u.matmul(p.minus(p.transpose()).divide(sums));
            Tensor left = dv.minus(u.matmul(p)).divide(s);
            Tensor right = du.minus(v.matmul(p.transpose())).divide(s);
            return turned.plus(left)
                    .matmul(false, v, true)
                    .plus(u.matmul(false, right, true))
                    .times(cotangent.reshape(1, 1, 1));
        });
    }
}
