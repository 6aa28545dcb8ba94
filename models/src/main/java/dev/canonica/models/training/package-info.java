/** What networks learn: the objectives and batches of diffusion models and of classifiers, for {@link dev.canonica.learning.Trainer}. */
@NullMarked
package dev.canonica.models.training;

import org.jspecify.annotations.NullMarked;
