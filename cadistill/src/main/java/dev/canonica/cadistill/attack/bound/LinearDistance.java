package dev.canonica.cadistill.attack.bound;

import dev.canonica.cadistill.attack.budget.Norm;

/**
 * The exact distance of an image from the boundary of a linear classifier z = W x + b within the box [0, 1]:
 *
 * <pre>
 *   d(x) = min over j ≠ y of the least ‖δ‖ with ⟨w_j − w_y, x + δ⟩ + b_j − b_y = 0, 0 ≤ x + δ ≤ 1
 * </pre>
 *
 * <p>For L∞, all values move by λ or to the end of the box, and Σ |wᵢ| min(λ, roomᵢ) grows with λ: its root is the distance. For L2 values move by μ |wᵢ|.
 */
public final class LinearDistance {
    private final double[][] weights;
    private final double[] bias;

    /**
     * The classifier.
     *
     * @param weights W, a row for each class
     * @param bias b
     */
    public LinearDistance(double[][] weights, double[] bias) {
        this.weights = weights.clone();
        this.bias = bias.clone();
    }

    /** The logits of an image. */
    public double[] logits(float[] x) {
        double[] z = bias.clone();
        for (int j = 0; j < z.length; j++) {
            for (int i = 0; i < x.length; i++) {
                z[j] += weights[j][i] * x[i];
            }
        }
        return z;
    }

    /** The distance; 0 where another class is predicted, infinite where no image of the box is classified otherwise. */
    public double of(float[] x, int label, Norm norm) {
        double[] z = logits(x);
        double least = Double.POSITIVE_INFINITY;
        for (int j = 0; j < z.length; j++) {
            if (j != label) {
                if (z[j] > z[label]) {
                    return 0;
                }
                double[] w = new double[x.length];
                for (int i = 0; i < x.length; i++) {
                    w[i] = weights[j][i] - weights[label][i];
                }
                least = Math.min(least, norm.distanceToRise(x, w, z[label] - z[j]));
            }
        }
        return least;
    }
}
