package dev.canonica.clarid;

import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which directions are removed from a latent, and where. Beyond {@link TopK} these are answers of our own to the paper's open questions. */
public sealed interface Projection {
    /** The k strongest directions, at t_e (arXiv 2506.09955). */
    record TopK() implements Projection {}

    /** Of the directions computed, the k that carry least of the class by {@link ClassEvidence}, at t_e. */
    record Selective() implements Projection {}

    /**
     * The k strongest at t_e, and again, of the Jacobian that is there, on the way down: at three quarters and at half of the level of t_e, rounded to
     * levels.
     */
    record Multistep() implements Projection {
        private static final double[] AGAIN = {0.75, 0.5};

        /** The levels below {@code level} at which directions are removed again, descending; fewer where they coincide. */
        public static List<Integer> levelsAgain(int level) {
            List<Integer> levels = new ArrayList<>();
            int last = level;
            for (double fraction : AGAIN) {
                int next = (int) Math.round(fraction * level);
                if (next < last) {
                    levels.add(next);
                    last = next;
                }
            }
            return levels;
        }
    }

    /** The projection of a name. */
    static Projection of(String name) {
        return switch (name) {
            case "topk" -> new TopK();
            case "multistep" -> new Multistep();
            case "selective" -> new Selective();
            default ->
                throw new IllegalArgumentException(
                        "projection: '" + name + "' is not one of topk, selective, multistep");
        };
    }

    /** Its name. */
    default String title() {
        return switch (this) {
            case TopK() -> "topk";
            case Multistep() -> "multistep";
            case Selective() -> "selective";
        };
    }

    /**
     * x̃ = (I − V_k V_kᵀ) x for the first k rows of V (arXiv 2506.09955, CLARep), in double.
     *
     * @param x one latent, any shape
     * @param v orthonormal rows [n][size of x]
     * @return of x's shape and type
     */
    static Tensor remove(Tensor x, double[][] v, int k) {
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
