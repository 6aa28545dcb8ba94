/**
 * Extraction on many machines at a time, by a module that is found at run time.
 *
 * <p>A {@link Cluster} is given a {@link ClusterJob} and answers with a {@link ClusterOutcome}; {@link ExtractionRecipe} is what each machine makes of
 * the model's folder.
 */
@NullMarked
package dev.canonica.clarid.cluster;

import org.jspecify.annotations.NullMarked;
