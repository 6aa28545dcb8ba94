package dev.canonica.models.nn;

import dev.canonica.autodiff.Var;

/** linear, SiLU or another function, linear: what embeddings of time are made with. */
public final class SiluMlp extends Composite implements Part {
    private final Linear first;
    private final Function function;
    private final Linear second;

    /**
     * A module whose layers have these names within it.
     *
     * @param out width of the output, and of what is in between
     */
    public SiluMlp(String path, int in, int out, String first, String function, String second) {
        this(path, in, out, new Names(first, function, second), Function.Kind.SILU);
    }

    /** The names of the layers within the module. */
    public record Names(String first, String function, String second) {
        /** As diffusers has them. */
        public static final Names DIFFUSERS = new Names("linear_1", "act", "linear_2");
    }

    /** As the other, with a function of this kind. */
    public SiluMlp(String path, int in, int out, Names names, Function.Kind kind) {
        super(path);
        this.first = add(new Linear(within(names.first), in, out));
        this.function = add(new Function(within(names.function), kind));
        this.second = add(new Linear(within(names.second), out, out));
    }

    @Override
    public Var forward(Pass pass, Var x) {
        return pass.apply(second, first.then(pass, function, x));
    }
}
