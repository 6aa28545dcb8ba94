/**
 * The families of models that there are, and the folders that models come in: reading and writing one, of whatever family it is, and telling two apart
 * by a digest.
 *
 * <p>Begin with {@link ModelDirectory} for one network, with {@link PipelineDirectory} for a diffusers pipeline. A family of one's own is a
 * {@link dev.canonica.models.ModelFamily}, which a {@link ModelFamilyProvider} brings.
 */
@NullMarked
package dev.canonica.models.family;

import org.jspecify.annotations.NullMarked;
