/**
 * U-Nets and autoencoders in diffusers' names and what they are built of: residual blocks, attention over positions, resampling.
 *
 * <p>{@link Unet2d} is under a class or nothing, {@link Unet2dCondition} under a text; {@link AutoencoderKl}, {@link AutoencoderTiny} and
 * {@link VqModel} are {@link Autoencoder}s between images [B, 3, H, W] and latents [B, c, h, w].
 */
@NullMarked
package dev.canonica.models.unet;

import org.jspecify.annotations.NullMarked;
