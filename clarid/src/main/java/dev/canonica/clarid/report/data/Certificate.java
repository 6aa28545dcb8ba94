package dev.canonica.clarid.report.data;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;

/**
 * The a-posteriori certificate of a singular value decomposition: what shows that the directions are the right ones.
 *
 * @param residuals ‖Jᵀ(Jv_i) − σ_i² v_i‖ / σ_i², for i = 1 … n: a small σ_i is held to itself, not to σ_1
 * @param tolerance what the residuals had to reach
 * @param products the number of products with J or Jᵀ that were spent, each with one vector
 */
public record Certificate(double[] residuals, double tolerance, int products) {

    /** Keeps a copy of the residuals. */
    public Certificate {
        residuals = residuals.clone();
    }

    /** The largest residual; NaN if one is. */
    public double worst() {
        return Arrays.stream(residuals).max().orElse(Double.NaN);
    }

    /** The number of leading directions all of whose residuals reached the tolerance: 0 … n. */
    public int certified() {
        int i = 0;
        while (i < residuals.length && residuals[i] <= tolerance) {
            i++;
        }
        return i;
    }

    /** Whether every residual reached the tolerance. */
    public boolean holds() {
        return certified() == residuals.length;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
