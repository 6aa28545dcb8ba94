/**
 * Diffusion: noise schedules, timesteps, and the deterministic samplers in both directions, DDIM and the flow's Euler steps.
 *
 * <p>Begin with {@link Sampler}: from an image to the noise that it comes from ({@code invert}) and back ({@code sample}), over levels that are counted
 * from the image upwards. {@link DdimSampler} and {@link FlowSampler} are its two kinds, {@link Denoiser} is what they ask at each level,
 * {@link GuidedDenoiser} a network under a condition as such; {@link NoiseSchedule} and {@link Levels} have the numbers ᾱ.
 */
@NullMarked
package dev.canonica.models.diffusion;

import org.jspecify.annotations.NullMarked;
