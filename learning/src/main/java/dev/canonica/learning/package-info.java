/**
 * Training, whatever the network: an {@link dev.canonica.learning.Objective} gives the loss of weights and a batch, {@link
 * dev.canonica.learning.Batches} say what is learned from, a {@link dev.canonica.learning.Trainer} takes the steps, and a {@link
 * dev.canonica.learning.TrainingRun} goes through them, saves, and goes on with the same bits wherever it was stopped.
 */
@NullMarked
package dev.canonica.learning;

import org.jspecify.annotations.NullMarked;
