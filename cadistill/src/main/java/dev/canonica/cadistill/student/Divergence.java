package dev.canonica.cadistill.student;

import dev.canonica.autodiff.Var;

/** How far one distribution over classes is from another. */
final class Divergence {
    private Divergence() {}

    /**
     * The divergence of Kullback and Leibler, Σ p (ln p − ln q), the mean over a batch.
     *
     * @param p logarithms of probabilities [B, C]
     * @param q likewise
     * @return a scalar
     */
    static Var of(Var p, Var q) {
        return p.exp().times(p.minus(q)).sum().times(1.0 / p.dim(0));
    }
}
