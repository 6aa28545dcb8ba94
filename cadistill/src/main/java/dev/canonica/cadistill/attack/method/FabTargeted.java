package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Attack;
import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.Target;

/**
 * The targeted fast adaptive boundary attack (Croce &amp; Hein 2020b, arXiv 1907.02044; targets: arXiv 2003.01690, Section 5): {@link FabRun} towards each of
 * the T classes that the image as it is comes nearest to. It looks for the smallest perturbation, whatever the budget; one beyond the budget is
 * returned, too, but does not count.
 *
 * @param steps of a run
 * @param targets T, those of the second to the (T + 1)th largest logit
 * @param restarts runs for each target; all but the first begin at random points half as far as the budget reaches
 * @param untilBroken whether the first run whose result is within the budget is the last; else the smallest perturbation of all is returned
 */
public record FabTargeted(int steps, int targets, int restarts, boolean untilBroken) implements Attack {
    /** As many steps as in the paper of AutoAttack. */
    public static final int STEPS = 100;

    /** As many targets as there. */
    public static final int TARGETS = 9;

    @Override
    public String name() {
        return "fab-t";
    }

    @Override
    public void check(int classes) {
        Attack.super.check(classes);
        ApgdTargeted.checkTargets(name(), targets, classes);
    }

    @Override
    public Pursuit pursue(Target target) {
        int[] classes = Logits.top(target.logits(), targets + 1);
        float[] x = target.image();
        double half = target.budget().eps() / 2;
        return new Runs(x, targets * restarts, untilBroken, run -> {
            float[] start = run % restarts == 0
                    ? x
                    : target.budget().norm().around(x, half, target.random().child(run));
            return new FabRun(target, classes[1 + run / restarts], start, steps);
        });
    }
}
