/** Text as conditional diffusion models take it: CLIP's tokenizer and text encoder. */
@NullMarked
package dev.canonica.models.text;

import org.jspecify.annotations.NullMarked;
