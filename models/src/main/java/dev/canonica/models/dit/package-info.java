/**
 * Diffusion transformers (Peebles &amp; Xie 2023, arXiv 2212.09748), written from the paper and the names of the published checkpoints.
 *
 * <p>{@link Dit} is the network under the names of its authors, {@link DiffusersDit} under those of diffusers, {@link Sit} for the velocity of a flow;
 * {@link DitConfig} has the sizes, and the presets from S to XL.
 */
@NullMarked
package dev.canonica.models.dit;

import org.jspecify.annotations.NullMarked;
