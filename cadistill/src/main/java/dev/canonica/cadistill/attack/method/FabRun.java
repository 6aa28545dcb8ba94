package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Loss;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.State;
import dev.canonica.cadistill.attack.Target;
import dev.canonica.cadistill.attack.budget.Norm;
import org.jspecify.annotations.Nullable;

/**
 * One run of the fast adaptive boundary attack towards one class (Croce &amp; Hein 2020b, arXiv 1907.02044, Algorithm 1).
 *
 * <pre>
 *   f = z_t − z_y, linearised at z: the hyperplane f(z) + ⟨∇f, · − z⟩ = 0 stands for the boundary
 *   d₁ = shortest way from z to it within the box,  d₂ = that from x
 *   α  = min(‖d₁‖ / (‖d₁‖ + ‖d₂‖), 0.1)
 *   z ← clamp((1 − α)(z + η d₁) + α (x + η d₂)),  η = 1.05
 *   where z is classified otherwise: keep it if it is nearer to x than all before, and go back: z ← x + 0.9 (z − x)
 * </pre>
 */
final class FabRun implements Pursuit {
    private static final double ALPHA_MAX = 0.1;
    private static final double ETA = 1.05;
    private static final float BETA = 0.9f;

    /** Keeps the quotient of two lengths that are zero defined. */
    private static final double LEAST = 1e-8;

    private final Target target;
    private final Loss boundary;
    private final int steps;
    private float[] z;
    private float[] nearest;
    private double distance = Double.POSITIVE_INFINITY;
    private int taken;
    private boolean moved; // whether z is a new point, whose class is not known yet

    FabRun(Target target, int towards, float[] start, int steps) {
        this.target = target;
        this.boundary = new Loss.Difference(target.label(), towards);
        this.steps = steps;
        this.z = start;
        this.nearest = target.image();
    }

    @Override
    public boolean ended() {
        return taken == steps;
    }

    @Override
    public float[] point() {
        return z;
    }

    @Override
    public @Nullable Loss loss() {
        return moved ? null : boundary;
    }

    @Override
    public void answer(float[] logits, float[] gradient) {
        if (moved) {
            look(logits);
            taken++;
        } else {
            move(boundary.value(logits), gradient);
        }
        moved = !moved;
    }

    private void move(double f, float[] w) {
        Norm norm = target.budget().norm();
        float[] x = target.image();
        double between = 0;
        for (int i = 0; i < x.length; i++) {
            between += (double) w[i] * ((double) x[i] - z[i]);
        }
        float[] d1 = norm.toHyperplane(z, w, -f);
        float[] d2 = norm.toHyperplane(x, w, -f - between);
        double a1 = Math.max(norm.length(d1), LEAST);
        double a2 = Math.max(norm.length(d2), LEAST);
        double alpha = Math.min(a1 / (a1 + a2), ALPHA_MAX);
        float[] next = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            next[i] = (float) ((1 - alpha) * (z[i] + ETA * d1[i]) + alpha * (x[i] + ETA * d2[i]));
        }
        Norm.clamp(next);
        z = next;
    }

    private void look(float[] logits) {
        if (Logits.predicted(logits) == target.label()) {
            return;
        }
        float[] x = target.image();
        double length = target.budget().norm().distance(x, z);
        if (length < distance) {
            distance = length;
            nearest = z;
        }
        float[] back = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            back[i] = x[i] + BETA * (z[i] - x[i]);
        }
        z = back;
    }

    @Override
    public float[] result() {
        return nearest;
    }

    @Override
    public boolean broken() {
        return distance <= target.budget().eps();
    }

    @Override
    public double rank() {
        return distance;
    }

    @Override
    public void state(State s) {
        z = s.image("z", z);
        nearest = s.image("nearest", nearest);
        distance = s.number("distance", distance);
        taken = s.count("taken", taken);
        moved = s.flag("moved", moved);
    }
}
