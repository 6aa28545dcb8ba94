package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.LinearMap;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Tensor;
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
 * (Cloos et al. 2024). The derivative is that of the nuclear norm, U Vᵀ, which is unique where no singular value is 0.
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
        return nuclearNorm(m).divide(norms).times(-2).plus(2);
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
        LinearAlgebra.Svd svd = LinearAlgebra.svd(m.value());
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
                m);
    }
}
