/** What the parts of a diffusers pipeline are together: texts to conditions, images to latents and back. */
@NullMarked
package dev.canonica.models.pipeline;

import org.jspecify.annotations.NullMarked;
