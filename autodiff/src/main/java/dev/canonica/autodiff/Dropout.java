package dev.canonica.autodiff;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;

/** Elements set to 0 by chance (Srivastava et al., 2014): a pure function of its random numbers, so that a step can be run again. */
public final class Dropout {
    private Dropout() {}

    /**
     * Each element dropped with a probability, the others scaled so that the mean stays.
     *
     * <pre>
     *   y = x ⊙ m / (1 − p)  with  mᵢ = [uᵢ ≥ p]      dy = dx ⊙ m / (1 − p)
     * </pre>
     *
     * @param p in [0, 1)
     * @param random its uniform numbers 0, 1, … are u: the same generator gives the same mask, so that each layer and step needs a
     *     {@linkplain Philox#child child} of its own
     */
    public static Var dropout(Var x, double p, Philox random) {
        if (!(p >= 0 && p < 1)) {
            throw new IllegalArgumentException("dropout: the probability must lie in [0, 1): " + p);
        }
        if (p == 0) {
            return x;
        }
        double[] mask = new double[Math.toIntExact(x.shape().size())];
        random.uniforms(0, mask);
        for (int i = 0; i < mask.length; i++) {
            mask[i] = mask[i] >= p ? 1 / (1 - p) : 0;
        }
        Tensor t = x.value();
        return x.times(
                Var.constant(Tensor.of(t.device(), mask, t.shape().dims()).to(t.dtype())));
    }
}
