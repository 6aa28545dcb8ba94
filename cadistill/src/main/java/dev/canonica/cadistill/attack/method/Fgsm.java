package dev.canonica.cadistill.attack.method;

import dev.canonica.cadistill.attack.Attack;
import dev.canonica.cadistill.attack.Pursuit;
import dev.canonica.cadistill.attack.Target;

/**
 * The fast gradient sign method (Goodfellow et al., 2015, arXiv 1412.6572): one step of ε along the gradient of the cross-entropy,
 *
 * <pre>
 *   L∞: z = clamp(x + ε sign ∇ CE(f(x), y))          L2: z = clamp(x + ε ∇ CE / ‖∇ CE‖)
 * </pre>
 */
public record Fgsm() implements Attack {
    @Override
    public String name() {
        return "fgsm";
    }

    @Override
    public Pursuit pursue(Target target) {
        return new Pgd.Ascent(target, target.image().clone(), 1, target.budget().eps());
    }
}
