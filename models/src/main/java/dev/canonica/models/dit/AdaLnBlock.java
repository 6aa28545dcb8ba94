package dev.canonica.models.dit;

import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;

/**
 * An adaLN-Zero block (Peebles &amp; Xie 2023, Figure 3) on tokens x [B, T, D] under a condition [B, D]:
 *
 * <pre>
 *   x ← x + γ₁ attention(norm₁(x) (1 + α₁) + β₁)
 *   x ← x + γ₂ mlp(norm₂(x) (1 + α₂) + β₂)      with (β₁, α₁, γ₁, β₂, α₂, γ₂) from the condition
 * </pre>
 */
abstract class AdaLnBlock extends Composite implements Part {
    AdaLnBlock(String path) {
        super(path);
    }

    /** (β₁, α₁, γ₁, β₂, α₂, γ₂) [B, 6 D] of the pass's condition. */
    abstract Var modulation(Pass pass);

    abstract Norm.Plain norm1();

    /** x + γ attention(h). */
    abstract Var attention(Pass pass, Var h, Var gate, Var x);

    abstract Norm.Plain norm2();

    abstract Mlp mlp();

    @Override
    public Var forward(Pass pass, Var x) {
        int d = x.dim(-1);
        Var modulation = modulation(pass);
        Var h = AdaLn.modulated(pass, norm1(), x, modulation, 0);
        Var y = attention(pass, h, AdaLn.part(modulation, 2, d), x);
        Var g = AdaLn.modulated(pass, norm2(), y, modulation, 3);
        return mlp().gated(pass, g, AdaLn.part(modulation, 5, d), y);
    }
}
