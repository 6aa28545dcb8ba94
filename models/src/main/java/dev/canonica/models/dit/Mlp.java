package dev.canonica.models.dit;

import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Pass;

/** linear, GELU (tanh form), linear. */
final class Mlp extends Composite {
    private final Linear first;
    private final Function gelu;
    private final Linear second;

    /** A module whose layers have these names within it. */
    Mlp(String path, DitConfig c, String first, String gelu, String second) {
        super(path);
        this.first = add(new Linear(within(first), c.hiddenSize(), c.mlpHidden()));
        this.gelu = add(new Function(within(gelu), Function.Kind.GELU));
        this.second = add(new Linear(within(second), c.mlpHidden(), c.hiddenSize()));
    }

    /** x + gate ⊙ mlp(h). */
    Var gated(Pass pass, Var h, Var gate, Var x) {
        return second.gated(pass, this, first.then(pass, gelu, h), gate, x);
    }
}
