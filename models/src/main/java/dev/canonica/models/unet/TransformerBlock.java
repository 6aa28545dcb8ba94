package dev.canonica.models.unet;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import java.util.List;
import java.util.Objects;

/**
 * {@code BasicTransformerBlock} on tokens x [B, N, C] (Rombach et al. 2022, Appendix E.2.1):
 *
 * <pre>
 *   x ← x + attention(norm1 x, norm1 x)
 *   x ← x + attention(norm2 x, context)
 *   x ← x + W₂ (a ⊙ GELU(g))      with (a, g) = W₁ norm3 x      (GEGLU: Shazeer 2020, Eq. 6)
 * </pre>
 *
 * @param context width D of the context [B, T, D]
 */
record TransformerBlock(String path, int channels, int context, int heads) {
    private static final double EPSILON = 1e-5;

    /** In the order of computation, each after those that it holds. */
    private static final List<String> MODULES = List.of(
            ".norm1",
            ".attn1.to_q",
            ".attn1.to_k",
            ".attn1.to_v",
            ".attn1.to_out.0",
            ".attn1",
            ".norm2",
            ".attn2.to_q",
            ".attn2.to_k",
            ".attn2.to_v",
            ".attn2.to_out.0",
            ".attn2",
            ".norm3",
            ".ff.net.0.proj",
            ".ff.net.0",
            ".ff.net.2",
            ".ff",
            "");

    void declare(StateDict.Shapes s) {
        Convolutional.declareNorm(s, path + ".norm1", channels);
        self().declare(s);
        Convolutional.declareNorm(s, path + ".norm2", channels);
        cross().declare(s);
        Convolutional.declareNorm(s, path + ".norm3", channels);
        s.linear(path + ".ff.net.0.proj", channels, 8 * channels).linear(path + ".ff.net.2", 4 * channels, channels);
    }

    /** The paths of the modules within, and of the block itself. */
    List<String> inner() {
        return MODULES.stream().map(module -> path + module).toList();
    }

    Var forward(Pass pass, Var x) {
        Var n = pass.layerNorm(path + ".norm1", EPSILON, x);
        Var h = x.plus(self().forward(pass, n, n));
        if (pass.found()) {
            return h;
        }
        n = pass.layerNorm(path + ".norm2", EPSILON, h);
        h = h.plus(cross().forward(pass, n, Objects.requireNonNull(pass.context())));
        if (pass.found()) {
            return h;
        }
        n = pass.layerNorm(path + ".norm3", EPSILON, h);
        Var wide = pass.linear(path + ".ff.net.0.proj", n);
        Var a = wide.slice(2, 0, 4 * channels);
        Var gated = a.times(Activations.exactGelu(wide.slice(2, 4 * channels, 8 * channels)));
        pass.seen(path + ".ff.net.0", gated);
        return pass.seen(path, h.plus(pass.seen(path + ".ff", pass.linear(path + ".ff.net.2", gated))));
    }

    private CrossAttention self() {
        return new CrossAttention(path + ".attn1", channels, channels, heads);
    }

    private CrossAttention cross() {
        return new CrossAttention(path + ".attn2", channels, context, heads);
    }
}
