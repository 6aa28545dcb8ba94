/** Training of diffusion models. */
@NullMarked
package dev.canonica.models.training;

import org.jspecify.annotations.NullMarked;
