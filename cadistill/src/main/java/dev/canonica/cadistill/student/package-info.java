/**
 * Students: classifiers that learn from images and from what a diffusion model makes of some of them, and their training.
 *
 * <p>Begin with {@link StudentRun}, the training in a folder: a {@link Method} says what is learned from, a {@link CanonicalSet} has the teacher's side,
 * {@link StudentLoss} the loss, {@link StudentTraining} the course.
 */
@NullMarked
package dev.canonica.cadistill.student;

import org.jspecify.annotations.NullMarked;
