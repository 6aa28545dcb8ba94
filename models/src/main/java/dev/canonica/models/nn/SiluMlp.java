package dev.canonica.models.nn;

import dev.canonica.autodiff.Var;

/** linear, SiLU, linear: what embeddings of time are made with. */
public final class SiluMlp extends Composite implements Part {
    private final Linear first;
    private final Function silu;
    private final Linear second;

    /**
     * A module whose layers have these names within it.
     *
     * @param out width of the output, and of what is in between
     */
    public SiluMlp(String path, int in, int out, String first, String silu, String second) {
        super(path);
        this.first = add(new Linear(within(first), in, out));
        this.silu = add(Function.silu(within(silu)));
        this.second = add(new Linear(within(second), out, out));
    }

    @Override
    public Var forward(Pass pass, Var x) {
        return pass.apply(second, first.then(pass, silu, x));
    }
}
