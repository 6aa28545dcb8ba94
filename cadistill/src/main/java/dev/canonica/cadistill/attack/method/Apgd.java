package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Attack;
import dev.canonica.cadistill.attack.AttackException;
import dev.canonica.cadistill.attack.Loss;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.Target;
import java.util.function.IntFunction;

/**
 * Auto-PGD (Croce &amp; Hein 2020, arXiv 2003.01690, Algorithm 1): ascent with momentum whose step size is halved where the loss no longer grows; see {@link ApgdRun}.
 * By cross-entropy ({@code apgd-ce}) or by the difference of logits ratio ({@code apgd-dlr}), which sees no scale of the logits.
 *
 * @param name {@code apgd-ce} or {@code apgd-dlr}
 * @param settings of a run
 * @param restarts runs from other random points, each on what the one before has not broken
 */
public record Apgd(String name, ApgdRun.Settings settings, int restarts) implements Attack {
    private static final String CE = "apgd-ce";
    private static final String DLR = "apgd-dlr";

    /** By cross-entropy. */
    public static Apgd crossEntropy(ApgdRun.Settings settings, int restarts) {
        return new Apgd(CE, settings, restarts);
    }

    /** By the difference of logits ratio, for at least four classes. */
    public static Apgd dlr(ApgdRun.Settings settings, int restarts) {
        return new Apgd(DLR, settings, restarts);
    }

    @Override
    public void check(int classes) {
        Attack.super.check(classes);
        if (name.equals(DLR)) {
            checkRatio(name, classes);
        }
    }

    /** The ratio of fewer than four sorted logits says nothing: of three, z₁ − z₃ is the range of all. */
    static void checkRatio(String name, int classes) {
        if (classes < 4) {
            throw new AttackException(
                    "%s: the difference of logits ratio needs at least 4 classes, the classifier has %d; use apgd-ce"
                            .formatted(name, classes));
        }
    }

    @Override
    public Pursuit pursue(Target target) {
        int y = target.label();
        Loss loss = name.equals(DLR) ? new Loss.Dlr(y) : new Loss.CrossEntropy(y);
        IntFunction<Pursuit> run =
                i -> new ApgdRun(target, loss, settings, target.random().child(i));
        return new Runs(target.image(), restarts, true, run);
    }
}
