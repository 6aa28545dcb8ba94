/** U-Nets and autoencoders in diffusers' names and what they are built of: residual blocks, attention over positions, resampling. */
@NullMarked
package dev.canonica.models.unet;

import org.jspecify.annotations.NullMarked;
