package dev.canonica.models.unet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Linear;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import java.util.ArrayList;
import java.util.List;

/** {@code Transformer2DModel}: transformer blocks over the positions of an image, with a residual connection. */
final class SpatialTransformer extends Composite implements Part {
    private static final double EPSILON = 1e-6;

    private final boolean linear;
    private final Norm.OfGroups norm;
    private final Part in;
    private final List<TransformerBlock> blocks = new ArrayList<>();
    private final Part out;

    /**
     * Sizes of one.
     *
     * @param context width D of the context [B, T, D]
     * @param heads of ⌊channels / heads⌋ numbers each, on as many channels as these have together
     * @param depth number of blocks
     * @param linear whether the projections are linear layers (Stable Diffusion 2), not 1 × 1 convolutions (1)
     */
    record Sizes(int channels, int context, int heads, int groups, int depth, boolean linear) {
        /** Channels of the tokens within. */
        int inner() {
            return heads * (channels / heads);
        }
    }

    SpatialTransformer(String path, Sizes s) {
        super(path);
        linear = s.linear;
        norm = add(new Norm.OfGroups(within("norm"), s.channels, s.groups, EPSILON));
        int inner = s.inner();
        in = add(projection(within("proj_in"), s.channels, inner));
        for (int i = 0; i < s.depth; i++) {
            blocks.add(add(new TransformerBlock(within("transformer_blocks." + i), inner, s.context, s.heads)));
        }
        out = add(projection(within("proj_out"), inner, s.channels));
    }

    private Part projection(String path, int from, int to) {
        return linear ? new Linear(path, from, to) : Conv.same(path, from, to, 1);
    }

    @Override
    public Var forward(Pass pass, Var x) {
        Var n = pass.apply(norm, x);
        Var tokens = linear ? pass.apply(in, SpatialAttention.tokens(n)) : SpatialAttention.tokens(pass.apply(in, n));
        for (TransformerBlock b : blocks) {
            tokens = pass.apply(b, tokens);
            if (pass.found()) {
                return tokens;
            }
        }
        return x.plus(
                linear
                        ? SpatialAttention.planes(pass.apply(out, tokens), x)
                        : pass.apply(out, SpatialAttention.planes(tokens, x)));
    }
}
