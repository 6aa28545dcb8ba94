package dev.canonica.models.nn;

import dev.canonica.autodiff.Attentions;
import dev.canonica.autodiff.Var;

/** Attention of several heads (Vaswani et al., 2017, §3.2) with a linear layer each for queries, keys, values and output. */
public final class Attention extends Composite {
    private final int heads;
    private final Linear queries;
    private final Linear keys;
    private final Linear values;
    private final Linear out;

    /**
     * The names of the linear layers within the module.
     *
     * @param output of the last one
     */
    public record Names(String queries, String keys, String values, String output) {
        /** As diffusers has them. */
        public static final Names DIFFUSERS = new Names("to_q", "to_k", "to_v", "to_out.0");
    }

    /**
     * A module.
     *
     * @param width of what asks, and of the output
     * @param context width of what is attended to
     * @param biased whether queries, keys and values have a bias; the output has one
     */
    public Attention(String path, int width, int context, int heads, boolean biased, Names names) {
        this(path, width, context, new Heads(heads, width / heads), biased, names);
    }

    /** So many heads of this width, which together may be narrower than what asks. */
    public record Heads(int count, int width) {}

    /** As the other, with heads of their own width. */
    public Attention(String path, int width, int context, Heads heads, boolean biased, Names names) {
        super(path);
        this.heads = heads.count;
        int inner = heads.count * heads.width;
        this.queries = add(new Linear(within(names.queries), width, inner, biased));
        this.keys = add(new Linear(within(names.keys), context, inner, biased));
        this.values = add(new Linear(within(names.values), context, inner, biased));
        this.out = add(new Linear(within(names.output), inner, width));
    }

    /** What x [B, N, width] finds in z [B, T, context], before the last linear layer. */
    public Var attended(Pass pass, Var x, Var z) {
        return Attentions.attention(pass.apply(queries, x), pass.apply(keys, z), pass.apply(values, z), heads);
    }

    /** As {@link #attended} in x itself, each position in those up to it alone. */
    public Var causal(Pass pass, Var x) {
        return Attentions.causal(pass.apply(queries, x), pass.apply(keys, x), pass.apply(values, x), heads);
    }

    /** The last linear layer. */
    public Linear out() {
        return out;
    }
}
