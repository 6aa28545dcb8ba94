/**
 * What classifiers are worth: accuracy on images as they are, corrupted, with other backgrounds, out of distribution and under attack; how well their
 * confidence is calibrated and what their features hold. Every image's answer is stored, every number has an interval and a count.
 *
 * <p>Begin with {@link Evaluation}, which does what an {@link EvaluationPlan} says in a folder; {@link EvaluationResults} has the {@link Measurement}s,
 * {@link EvaluationPage} shows them.
 */
@NullMarked
package dev.canonica.cadistill.evaluate;

import org.jspecify.annotations.NullMarked;
