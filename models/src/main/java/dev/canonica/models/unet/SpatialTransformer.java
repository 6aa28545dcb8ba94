package dev.canonica.models.unet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Convolution;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code Transformer2DModel}: transformer blocks over the positions of an image, with a residual connection.
 *
 * @param depth number of blocks
 * @param linear whether the projections are linear layers (Stable Diffusion 2), not 1 × 1 convolutions (1)
 */
record SpatialTransformer(String path, int channels, int context, int heads, int groups, int depth, boolean linear)
        implements Part {
    private static final double EPSILON = 1e-6;

    @Override
    public void declare(StateDict.Shapes s) {
        Convolutional.declareNorm(s, path + ".norm", channels);
        declareProjection(s, ".proj_in");
        blocks().forEach(b -> b.declare(s));
        declareProjection(s, ".proj_out");
    }

    private void declareProjection(StateDict.Shapes s, String name) {
        if (linear) {
            s.linear(path + name, channels, channels);
        } else {
            Convolutional.declareConvolution(s, path + name, channels, channels, 1);
        }
    }

    @Override
    public List<String> inner() {
        List<String> names = new ArrayList<>();
        names.add(path + ".norm");
        names.add(path + ".proj_in");
        blocks().forEach(b -> names.addAll(b.inner()));
        names.add(path + ".proj_out");
        return names;
    }

    @Override
    public Var forward(Pass pass, Var x) {
        Var n = pass.groupNorm(path + ".norm", groups, EPSILON, x);
        Var tokens = linear
                ? pass.linear(path + ".proj_in", SpatialAttention.tokens(n))
                : SpatialAttention.tokens(pass.convolve(path + ".proj_in", Convolution.same(1), n));
        for (TransformerBlock b : blocks()) {
            tokens = b.forward(pass, tokens);
            if (pass.found()) {
                return tokens;
            }
        }
        Var out = linear
                ? SpatialAttention.planes(pass.linear(path + ".proj_out", tokens), x)
                : pass.convolve(path + ".proj_out", Convolution.same(1), SpatialAttention.planes(tokens, x));
        return x.plus(out);
    }

    private List<TransformerBlock> blocks() {
        return IntStream.range(0, depth)
                .mapToObj(i -> new TransformerBlock(path + ".transformer_blocks." + i, channels, context, heads))
                .toList();
    }
}
