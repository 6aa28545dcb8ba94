package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;

/**
 * The distance of two sets of features of the same samples by their matrices of cosines: with the rows of x [n, p] and y [n, q] centred and brought to
 * norm 1,
 *
 * <pre>
 *   mean over i, j of (⟨x̂ᵢ, x̂ⱼ⟩ − ⟨ŷᵢ, ŷⱼ⟩)²
 * </pre>
 *
 * <p>A choice of our own among distances of Gram matrices: that of whole matrices brought to norm 1 is 2 − 2 CKA, and nothing new. Here every sample
 * counts alike, however long its features are. Bhattarai et al. (2025, arXiv 2509.25253), who criticise CKA as a loss of students (as Davari et al., 2022, arXiv 2210.16156, do as a
 * measure), propose the Frobenius norm of the difference of Gram matrices.
 */
public final class Gram {
    private Gram() {}

    /**
     * The distance; a row without direction has cosines of 0.
     *
     * @return a scalar
     */
    public static Var loss(Var x, Var y) {
        Similarities.check("gram", x, y);
        return Losses.meanSquaredError(cosines(x), cosines(y));
    }

    private static Var cosines(Var x) {
        return Similarities.products(Normalisation.unit(Similarities.centred(x), 0));
    }
}
