package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Attack;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.Target;
import dev.canonica.cadistill.attack.budget.L2;
import dev.canonica.cadistill.attack.budget.Linf;

/**
 * The Square attack (Andriushchenko et al., 2020, arXiv 1912.00049): random search without gradients, by changes of square windows that are kept where the margin falls;
 * see {@link SquareRun}. It asks for logits alone, so that no masked gradient misleads it.
 *
 * @param queries changes that are tried in a run, at most
 * @param restarts runs, each on what the one before has not broken
 */
public record Square(int queries, int restarts) implements Attack {
    /** As many queries as in the paper of AutoAttack. */
    public static final int QUERIES = 5000;

    @Override
    public String name() {
        return "square";
    }

    @Override
    public Pursuit pursue(Target target) {
        return new Runs(target.image(), restarts, true, run -> {
            SquareWindows windows = switch (target.budget().norm()) {
                case Linf _ -> new SquareLinf(target);
                case L2 _ -> new SquareL2(target);
            };
            return new SquareRun(target, windows, queries, target.random().child(run));
        });
    }
}
