package dev.canonica.cadistill.attack.budget;

import dev.canonica.tensor.Philox;
import java.util.List;

/**
 * A norm of perturbations, and what attacks do by it. Images are arrays of values in [0, 1], in any order; what moves one never leaves that box.
 */
public sealed interface Norm permits Linf, L2 {
    /** Keeps quotients by a length finite, as in the attacks' reference. */
    double TINY = 1e-12;

    /** The norms by their names. */
    List<Norm> ALL = List.of(new Linf(), new L2());

    /**
     * The norm of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Norm of(String name) {
        return ALL.stream()
                .filter(norm -> norm.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("norm: '" + name + "' is not one of linf, l2"));
    }

    /** {@code linf} or {@code l2}. */
    String name();

    /** ‖z − x‖, summed in double. */
    double distance(float[] x, float[] z);

    /** ‖δ‖. */
    default double length(float[] delta) {
        return distance(new float[delta.length], delta);
    }

    /** The dual norm ‖w‖*: how much a linear function of weights w grows within a ball of radius 1. */
    double dual(float[] w);

    /** Moves z along the steepest ascent of a function of gradient g, by a step of this length; the box is not looked at. */
    void ascend(float[] z, float[] g, double step);

    /** Moves z to where the ball of radius ε around x is met first on the way to x, then into the box [0, 1]. */
    void project(float[] x, float[] z, double eps);

    /**
     * A point at distance ε from x in a random direction, or nearer where the box ends.
     *
     * <pre>
     *   L∞: x + ε t / max |t|,  t ~ U(−1, 1)          L2: x + ε t / ‖t‖,  t ~ N(0, 1)
     * </pre>
     */
    float[] around(float[] x, double eps, Philox random);

    /**
     * The shortest move δ from a point of the box to the hyperplane ⟨w, x + δ⟩ = ⟨w, x⟩ + rise that stays in the box; where none reaches it, the move that
     * comes nearest.
     */
    float[] toHyperplane(float[] x, float[] w, double rise);

    /** The length of the shortest move within the box by which ⟨w, x⟩ rises by at least {@code rise} ≥ 0; infinite where none does. */
    double distanceToRise(float[] x, double[] w, double rise);

    /** Moves a point into the box. */
    static void clamp(float[] z) {
        for (int i = 0; i < z.length; i++) {
            z[i] = Math.min(1f, Math.max(0f, z[i]));
        }
    }
}
