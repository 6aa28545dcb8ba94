package dev.canonica.autodiff.optim;

import dev.canonica.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;

/**
 * Clipping by the global norm (Pascanu et al., 2013, Algorithm 1): all gradients are scaled by one factor so that their common norm does not
 * exceed a limit.
 *
 * @param norm √Σ‖gᵢ‖² before clipping; NaN or ∞ if a gradient holds such a number
 * @param factor min(1, limit / norm), for the {@code gradientScale} of {@link Optimizer#step}; NaN if the norm is not finite, which a step
 *     refuses: a loop that would rather skip such a batch looks at the norm first
 */
public record GradientClipping(double norm, double factor) {
    /** The norm and the factor for these gradients; the sum is taken in the order of their names, whatever that of the map. */
    public static GradientClipping byGlobalNorm(Map<String, Tensor> gradients, double limit) {
        if (!(limit > 0)) {
            throw new IllegalArgumentException("gradient clipping: the limit must be positive: " + limit);
        }
        double sum = 0;
        for (Tensor g : new TreeMap<>(gradients).values()) {
            double norm = g.norm();
            sum += norm * norm;
        }
        double norm = Math.sqrt(sum);
        double factor = !Double.isFinite(norm) ? Double.NaN : norm > limit ? limit / norm : 1;
        return new GradientClipping(norm, factor);
    }
}
