/** Diffusion: noise schedules, timesteps, and the deterministic sampler DDIM in both directions. */
@NullMarked
package dev.canonica.models.diffusion;

import org.jspecify.annotations.NullMarked;
