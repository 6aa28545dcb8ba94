package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Loss;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.State;
import dev.canonica.cadistill.attack.Target;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.tensor.Philox;
import org.jspecify.annotations.Nullable;

/**
 * One run of Auto-PGD at one image (Croce &amp; Hein 2020, arXiv 2003.01690, Algorithm 1).
 *
 * <pre>
 *   z⁰ random at distance ε,  η = 2 ε,  a = 0.75 (1 at first)
 *   u   = P(z + η direction(∇L(z)))                    P: into the ball around x, then into the box
 *   z'  = P(z + a (u − z) + (1 − a)(z − z_before))
 * </pre>
 *
 * <p>At checkpoints, w₀ = 0.22 K steps apart at first, then 0.03 K fewer each time, but at least 0.06 K, η is halved and the run goes on from the best point if
 *
 * <pre>
 *   (1) the loss grew in at most ρ = 0.75 of the steps since the last checkpoint, or
 *   (2) η was not halved there, and the best loss is still the same.
 * </pre>
 *
 * <p>As in the reference implementation, whose figures are compared, the first checkpoint's count compares the first loss with the last place of the table of
 * losses, which is 0 as yet; and it is the last point that is classified otherwise which is returned, not that of the highest loss.
 */
public final class ApgdRun implements Pursuit {
    /** Steps of the paper. */
    public static final int STEPS = 100;

    private static final double RHO = 0.75;
    private static final double MOMENTUM = 0.75;

    /**
     * Settings of a run.
     *
     * @param steps K
     * @param untilBroken whether it ends at the first point that is classified otherwise; which images are broken does not depend on it
     */
    public record Settings(int steps, boolean untilBroken) {
        /** Those of the paper. */
        public static final Settings STANDARD = new Settings(STEPS, false);
    }

    private final Target target;
    private final Loss loss;
    private final Settings settings;
    private final int leastWindow;
    private final int shrinkage;

    private float[] z;
    private float[] before;
    private float[] best;
    private float[] bestGradient;
    private float[] adversarial;
    private boolean broken;
    private double step;
    private double bestLoss;
    private double bestLossAtCheckpoint;
    private boolean halvedAtCheckpoint = true;
    private double[] losses;
    private int taken = -1; // steps that have been evaluated; the start is none
    private int window;
    private int sinceCheckpoint;

    /**
     * A run that has not begun.
     *
     * @param loss to maximise
     * @param random for the start
     */
    public ApgdRun(Target target, Loss loss, Settings settings, Philox random) {
        int steps = settings.steps();
        this.target = target;
        this.loss = loss;
        this.settings = settings;
        this.window = Math.max((int) (0.22 * steps), 1);
        this.leastWindow = Math.max((int) (0.06 * steps), 1);
        this.shrinkage = Math.max((int) (0.03 * steps), 1);
        this.losses = new double[steps];
        this.step = 2 * target.budget().eps();
        this.z = target.budget().norm().around(target.image(), target.budget().eps(), random);
        this.before = z;
        this.best = z;
        this.bestGradient = new float[z.length];
        this.adversarial = target.image();
    }

    @Override
    public boolean ended() {
        return taken == settings.steps() || broken && settings.untilBroken();
    }

    @Override
    public float[] point() {
        return z;
    }

    @Override
    public @Nullable Loss loss() {
        return loss;
    }

    @Override
    public void answer(float[] logits, float[] gradient) {
        if (Logits.predicted(logits) != target.label()) {
            adversarial = z;
            broken = true;
        }
        float[] g = gradient;
        double value = loss.value(logits);
        if (taken < 0) {
            bestLoss = value;
            bestLossAtCheckpoint = value;
            best = z;
            bestGradient = g;
        } else {
            losses[taken] = value;
            if (value > bestLoss) {
                bestLoss = value;
                best = z;
                bestGradient = g;
            }
            if (++sinceCheckpoint == window && checkpoint()) {
                z = best;
                g = bestGradient;
            }
        }
        taken++;
        if (!ended()) {
            move(g);
        }
    }

    /** Whether the step size was halved. */
    private boolean checkpoint() {
        int increases = 0;
        for (int j = taken; j > taken - window; j--) {
            double earlier = losses[j > 0 ? j - 1 : losses.length - 1];
            increases += losses[j] > earlier ? 1 : 0;
        }
        boolean oscillates = increases <= RHO * window;
        boolean stalls = !halvedAtCheckpoint && bestLossAtCheckpoint >= bestLoss;
        halvedAtCheckpoint = oscillates || stalls;
        bestLossAtCheckpoint = bestLoss;
        step = halvedAtCheckpoint ? step / 2 : step;
        window = Math.max(window - shrinkage, leastWindow);
        sinceCheckpoint = 0;
        return halvedAtCheckpoint;
    }

    private void move(float[] g) {
        Norm norm = target.budget().norm();
        double eps = target.budget().eps();
        float[] next = z.clone();
        norm.ascend(next, g, step);
        norm.project(target.image(), next, eps);
        float a = taken > 0 ? (float) MOMENTUM : 1;
        for (int i = 0; i < next.length; i++) {
            next[i] = z[i] + a * (next[i] - z[i]) + (1 - a) * (z[i] - before[i]);
        }
        norm.project(target.image(), next, eps);
        before = z;
        z = next;
    }

    @Override
    public float[] result() {
        return adversarial;
    }

    @Override
    public boolean broken() {
        return broken;
    }

    @Override
    public void state(State s) {
        z = s.image("z", z);
        before = s.image("before", before);
        best = s.image("best point", best);
        bestGradient = s.image("best gradient", bestGradient);
        adversarial = s.image("adversarial", adversarial);
        broken = s.flag("broken", broken);
        step = s.number("step", step);
        bestLoss = s.number("best loss", bestLoss);
        bestLossAtCheckpoint = s.number("best loss at checkpoint", bestLossAtCheckpoint);
        halvedAtCheckpoint = s.flag("halved at checkpoint", halvedAtCheckpoint);
        losses = s.numbers("losses", losses);
        taken = s.count("taken", taken);
        window = s.count("window", window);
        sinceCheckpoint = s.count("since checkpoint", sinceCheckpoint);
    }
}
