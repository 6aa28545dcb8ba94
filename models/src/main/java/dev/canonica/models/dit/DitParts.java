package dev.canonica.models.dit;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Matrices;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Weights;

/** What the two spellings of DiT have in common: patches, the adaLN-Zero block and the final layer. */
final class DitParts {
    static final double EPSILON = 1e-6;

    private DitParts() {}

    /**
     * Patches of x [B, C, H, W] through the linear layer {@code name}: the convolution whose stride is its kernel. Weight [D, C, p, p]; [B, T, D]. The
     * probe sees the convolution's output, [B, D, H/p, W/p].
     */
    static Var embedPatches(Probed probed, String name, Var x, int p) {
        int b = x.dim(0);
        int c = x.dim(1);
        int g = x.dim(2) / p;
        Var patches = x.reshape(b, c, g, p, g, p).permute(0, 2, 4, 1, 3, 5).reshape(b, g * g, c * p * p);
        Weights w = probed.weights();
        Var weight = w.get(name + ".weight");
        Var tokens = Matrices.linear(patches, weight.reshape(weight.dim(0), c * p * p), w.get(name + ".bias"));
        if (probed.probe().wants(name)) {
            probed.seen(name, tokens.permute(0, 2, 1).reshape(b, weight.dim(0), g, g));
        }
        return tokens;
    }

    /** [B, T, p·p·C] → [B, C, H, W]: channels are the fastest within a token. */
    static Var joinPatches(Var x, int p, int channels) {
        int b = x.dim(0);
        int g = (int) Math.round(Math.sqrt(x.dim(1)));
        return x.reshape(b, g, g, p, p, channels).permute(0, 5, 1, 3, 2, 4).reshape(b, channels, g * p, g * p);
    }

    /** Part i of a modulation [B, n D], as [B, 1, D]. */
    static Var part(Var modulation, int i, int d) {
        return modulation.slice(-1, i * d, (i + 1) * d).reshape(modulation.dim(0), 1, d);
    }

    /** x + γ f(h): attention or the MLP with the gate γ [B, 1, D] and what goes around it. */
    @FunctionalInterface
    interface Branch {
        Var apply(Var h, Var gate, Var x);
    }

    /**
     * Layer normalisation without parameters.
     *
     * @param path of the module
     */
    record Norm(String path, double epsilon) {
        Var of(Probed p, Var x) {
            return p.seen(path, Normalisation.normalize(x, epsilon));
        }
    }

    /**
     * An adaLN-Zero block (Peebles &amp; Xie 2023, Figure 3):
     *
     * <pre>
     *   x ← x + γ₁ attention(norm₁(x) (1 + α₁) + β₁)
     *   x ← x + γ₂ mlp(norm₂(x) (1 + α₂) + β₂)      with (β₁, α₁, γ₁, β₂, α₂, γ₂) from the condition
     * </pre>
     *
     * @param modulation [B, 6 D]
     */
    static Var block(Probed p, Var x, Var modulation, Norm norm1, Norm norm2, Branch attention, Branch mlp) {
        int d = x.dim(-1);
        Var h = Arithmetic.modulate(norm1.of(p, x), part(modulation, 1, d), part(modulation, 0, d));
        Var y = attention.apply(h, part(modulation, 2, d), x);
        Var g = Arithmetic.modulate(norm2.of(p, y), part(modulation, 4, d), part(modulation, 3, d));
        return mlp.apply(g, part(modulation, 5, d), y);
    }

    /** norm(x) (1 + α) + β, then the linear layer {@code linear}; modulation (β, α) [B, 2 D]. */
    static Var finalLayer(Probed p, Norm norm, String linear, Var x, Var modulation) {
        int d = x.dim(-1);
        Var h = Arithmetic.modulate(norm.of(p, x), part(modulation, 1, d), part(modulation, 0, d));
        return p.linear(linear, h);
    }
}
