/**
 * What the parts of a diffusers pipeline are together: texts to conditions, images to latents and back.
 *
 * <p>{@link TextPipeline} reads tokenizers, text encoders and the U-Net of a {@link dev.canonica.models.family.PipelineDirectory}, {@link ScaledLatents}
 * its autoencoder.
 */
@NullMarked
package dev.canonica.models.pipeline;

import org.jspecify.annotations.NullMarked;
