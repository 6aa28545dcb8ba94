package dev.canonica.models.dit;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Pass;

/** Adaptive layer normalisation (Peebles &amp; Xie 2023, §3.2): norm(x) (1 + α) + β with α and β from the condition. */
final class AdaLn {
    /** Of all norms of DiT but one. */
    static final double EPSILON = 1e-6;

    private AdaLn() {}

    /** Part i of a modulation [B, n D], as [B, 1, D]. */
    static Var part(Var modulation, int i, int d) {
        return modulation.slice(-1, i * d, (i + 1) * d).reshape(modulation.dim(0), 1, d);
    }

    /** norm(x) (1 + α) + β, where β is part {@code at} of the modulation and α the part after it. */
    static Var modulated(Pass pass, Norm.Plain norm, Var x, Var modulation, int at) {
        int d = x.dim(-1);
        return Arithmetic.modulate(pass.apply(norm, x), part(modulation, at + 1, d), part(modulation, at, d));
    }
}
