/**
 * Text as conditional diffusion models take it: CLIP's tokenizer and text encoder.
 *
 * <p>{@link ClipTokenizer} makes a text into 77 numbers, {@link ClipTextModel} these into 77 vectors.
 */
@NullMarked
package dev.canonica.models.text;

import org.jspecify.annotations.NullMarked;
