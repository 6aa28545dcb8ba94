/**
 * Attacks on classifiers: each image's least change, within a budget, after which it is classified otherwise. An attack is written for one image
 * ({@link dev.canonica.cadistill.attack.Pursuit}); many of these share a batch of the classifier, so that no result depends on the batch.
 */
@NullMarked
package dev.canonica.cadistill.attack;

import org.jspecify.annotations.NullMarked;
