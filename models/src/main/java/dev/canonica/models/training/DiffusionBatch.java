package dev.canonica.models.training;

import dev.canonica.models.Condition;
import dev.canonica.tensor.Tensor;

/**
 * Noisy images, and what a diffusion network should make of them.
 *
 * @param noisy √ᾱ_t x₀ + √(1 − ᾱ_t) ε [B, C, H, W]
 * @param timesteps t [B]
 * @param condition classes [B], some of them dropped
 * @param target what is to be predicted [B, C, H, W]
 */
public record DiffusionBatch(Tensor noisy, Tensor timesteps, Condition condition, Tensor target) {}
