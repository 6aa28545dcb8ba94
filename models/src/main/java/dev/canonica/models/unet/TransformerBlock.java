package dev.canonica.models.unet;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Attention;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Container;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;

/**
 * {@code BasicTransformerBlock} on tokens x [B, N, C] (Rombach et al. 2022, Appendix E.2.1):
 *
 * <pre>
 *   x ← x + attention(norm1 x, norm1 x)
 *   x ← x + attention(norm2 x, context)
 *   x ← x + W₂ (a ⊙ GELU(g))      with (a, g) = W₁ norm3 x      (GEGLU: Shazeer 2020, Eq. 6)
 * </pre>
 */
final class TransformerBlock extends Composite implements Part {
    private static final double EPSILON = 1e-5;

    private final int hidden;
    private final Norm.OfLayer norm1;
    private final Attention self;
    private final Norm.OfLayer norm2;
    private final Attention cross;
    private final Norm.OfLayer norm3;
    private final FeedForward feedForward;

    /**
     * A block.
     *
     * @param channels C
     * @param context width D of the context [B, T, D]
     */
    TransformerBlock(String path, int channels, int context, int heads) {
        super(path);
        hidden = 4 * channels;
        norm1 = add(new Norm.OfLayer(within("norm1"), channels, EPSILON));
        self = add(new Attention(within("attn1"), channels, channels, heads, false, Attention.Names.DIFFUSERS));
        norm2 = add(new Norm.OfLayer(within("norm2"), channels, EPSILON));
        cross = add(new Attention(within("attn2"), channels, context, heads, false, Attention.Names.DIFFUSERS));
        norm3 = add(new Norm.OfLayer(within("norm3"), channels, EPSILON));
        feedForward = add(new FeedForward(within("ff"), channels));
    }

    private final class FeedForward extends Composite implements Part {
        private final Linear wide;
        private final Container gated;
        private final Linear narrow;

        FeedForward(String path, int channels) {
            super(path);
            wide = new Linear(within("net.0.proj"), channels, 2 * hidden);
            gated = add(new Container(within("net.0"), wide));
            narrow = add(new Linear(within("net.2"), hidden, channels));
        }

        @Override
        public Var forward(Pass pass, Var x) {
            Var both = pass.apply(wide, x);
            Var gate = Activations.exactGelu(both.slice(2, hidden, 2 * hidden));
            return pass.apply(narrow, pass.seen(gated, both.slice(2, 0, hidden).times(gate)));
        }
    }

    @Override
    public Var forward(Pass pass, Var x) {
        Var n = pass.apply(norm1, x);
        Var h = x.plus(attention(pass, self, n, n));
        if (pass.found()) {
            return h;
        }
        h = h.plus(attention(pass, cross, pass.apply(norm2, h), pass.context()));
        if (pass.found()) {
            return h;
        }
        return h.plus(pass.apply(feedForward, pass.apply(norm3, h)));
    }

    private static Var attention(Pass pass, Attention a, Var x, Var z) {
        return pass.seen(a, pass.apply(a.out(), a.attended(pass, x, z)));
    }
}
