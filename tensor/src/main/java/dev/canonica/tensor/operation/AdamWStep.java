package dev.canonica.tensor.operation;

import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.memory.Addresses;

/**
 * A step of AdamW (Loshchilov &amp; Hutter 2019, Algorithm 2) in place, with the gradient g scaled by s:
 *
 * <pre>
 *   m ← β₁ m + (1 − β₁) g s        v ← β₂ v + (1 − β₂) (g s)²
 *   x ← x − rate (m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε) + decay x)
 * </pre>
 *
 * @param t the number of this step, from 1 on
 */
public record AdamWStep(
        double rate, double beta1, double beta2, double epsilon, double decay, long t, double gradientScale) {
    /**
     * Changes x and its moments.
     *
     * @throws IllegalArgumentException if shapes, types or devices differ
     */
    public void apply(Tensor x, Tensor gradient, Tensor m, Tensor v) {
        for (Tensor other : new Tensor[] {gradient, m, v}) {
            Operands.sameShape("AdamW", x, other);
        }
        Kernels.AdamW scalars = new Kernels.AdamW(
                rate, beta1, beta2, epsilon, decay, 1 - Math.pow(beta1, t), 1 - Math.pow(beta2, t), gradientScale);
        try (Addresses at = Addresses.open()) {
            x.kernels().adamW(scalars, at.of(x), at.of(gradient), at.of(m), at.of(v), x.size());
            for (Tensor changed : new Tensor[] {x, m, v}) {
                changed.written();
            }
        }
    }
}
