package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Attack;
import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Loss;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.State;
import dev.canonica.cadistill.attack.Target;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.tensor.Philox;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Projected gradient descent (Madry et al., 2018, arXiv 1706.06083): K steps of steepest ascent of the cross-entropy,
 *
 * <pre>
 *   z ← clamp(project(z + α direction(∇ CE(f(z), y))))          direction: sign g (L∞), g / ‖g‖ (L2)
 * </pre>
 *
 * <p>from the image itself; further restarts begin at random points of the ball. The last z counts.
 *
 * @param steps K
 * @param stepSize α; empty for 2.5 ε / K, with which the boundary of the ball can be reached from any point of it
 * @param restarts runs, each on what the one before has not broken
 */
public record Pgd(int steps, OptionalDouble stepSize, int restarts) implements Attack {
    /** As many steps as in the paper's evaluation. */
    public static final int STEPS = 20;

    @Override
    public String name() {
        return "pgd";
    }

    @Override
    public Pursuit pursue(Target target) {
        double alpha = stepSize.orElse(2.5 * target.budget().eps() / steps);
        return new Runs(target.image(), restarts, true, run -> {
            Philox random = target.random().child(run);
            float[] start = run == 0
                    ? target.image().clone()
                    : target.budget()
                            .norm()
                            .around(target.image(), target.budget().eps(), random);
            return new Ascent(target, start, steps, alpha);
        });
    }

    /** Steps from one point. */
    static final class Ascent implements Pursuit {
        private final Target target;
        private final int steps;
        private final double alpha;
        private float[] z;
        private int taken;
        private boolean ended;
        private boolean broken;

        Ascent(Target target, float[] start, int steps, double alpha) {
            this.target = target;
            this.z = start;
            this.steps = steps;
            this.alpha = alpha;
        }

        @Override
        public boolean ended() {
            return ended;
        }

        @Override
        public float[] point() {
            return z;
        }

        @Override
        public @Nullable Loss loss() {
            return taken < steps ? new Loss.CrossEntropy(target.label()) : null;
        }

        @Override
        public void answer(float[] logits, float[] gradient) {
            if (taken == steps) {
                broken = Logits.predicted(logits) != target.label();
                ended = true;
                return;
            }
            Budget budget = target.budget();
            budget.norm().ascend(z, gradient, alpha);
            budget.norm().project(target.image(), z, budget.eps());
            taken++;
        }

        @Override
        public float[] result() {
            return z;
        }

        @Override
        public boolean broken() {
            return broken;
        }

        @Override
        public void state(State s) {
            z = s.image("z", z);
            taken = s.count("taken", taken);
            ended = s.flag("ended", ended);
            broken = s.flag("broken", broken);
        }
    }
}
