package dev.canonica.clarid;

import dev.canonica.tensor.Tensor;
import java.util.Arrays;

/** Removal of directions from latents. */
public final class Projection {
    private Projection() {}

    /**
     * x̃ = (I − V_k V_kᵀ) x for the first k rows of V (arXiv 2506.09955, CLARep), in double.
     *
     * @param x one latent, any shape
     * @param v orthonormal rows [n][size of x]
     * @return of x's shape and type
     */
    public static Tensor remove(Tensor x, double[][] v, int k) {
        if (k < 0 || k > v.length) {
            throw new IllegalArgumentException("projection: k = " + k + " of " + v.length + " directions");
        }
        double[] y = x.toDoubles();
        double[][] first = Arrays.copyOf(v, k);
        double[] c = new double[k];
        for (int i = 0; i < k; i++) {
            if (v[i].length != y.length) {
                throw new IllegalArgumentException(
                        "projection: directions of length " + v[i].length + " for a latent " + x.shape());
            }
            c[i] = Vectors.dot(first[i], y);
        }
        for (int i = 0; i < k; i++) {
            Vectors.axpy(-c[i], first[i], y);
        }
        return Tensor.of(y, x.shape().dims()).to(x.dtype());
    }
}
