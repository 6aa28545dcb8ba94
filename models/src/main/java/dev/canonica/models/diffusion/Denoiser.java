package dev.canonica.models.diffusion;

import dev.canonica.tensor.Tensor;

/** A network's prediction at a timestep, its condition and guidance given: [B, C, H, W] → [B, C, H, W]. */
@FunctionalInterface
public interface Denoiser {
    /** The prediction at x, all samples at one timestep. */
    Tensor predict(Tensor x, int timestep);
}
