package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Attack;
import dev.canonica.cadistill.attack.AttackException;
import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Loss;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.Target;

/**
 * Targeted Auto-PGD (Croce &amp; Hein 2020, arXiv 2003.01690, Section 4): {@link ApgdRun} by the targeted difference of logits ratio, towards each of the T classes that the image as it is comes
 * nearest to, until one run breaks it.
 *
 * @param settings of a run
 * @param targets T, those of the second to the (T + 1)th largest logit
 * @param restarts runs for each target
 */
public record ApgdTargeted(ApgdRun.Settings settings, int targets, int restarts) implements Attack {
    /** As many targets as in the paper. */
    public static final int TARGETS = 9;

    @Override
    public String name() {
        return "apgd-t";
    }

    @Override
    public void check(int classes) {
        Apgd.checkRatio(name(), classes);
        checkTargets(name(), targets, classes);
    }

    /** Every target is a class of its own. */
    static void checkTargets(String name, int targets, int classes) {
        if (targets > classes - 1) {
            throw new AttackException(
                    "%s: %d targets, but of %d classes only %d are others than an image's; use --targets %d"
                            .formatted(name, targets, classes, classes - 1, classes - 1));
        }
    }

    @Override
    public Pursuit pursue(Target target) {
        int[] classes = Logits.top(target.logits(), targets + 1);
        return new Runs(target.image(), targets * restarts, true, run -> {
            Loss loss = new Loss.TargetedDlr(target.label(), classes[1 + run / restarts]);
            return new ApgdRun(target, loss, settings, target.random().child(run));
        });
    }
}
