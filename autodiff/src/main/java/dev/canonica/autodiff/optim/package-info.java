/**
 * Optimisers: they change parameters in place from gradients, know parameters by name, and give their state out as named tensors, so that training
 * resumes from a checkpoint as if it had never stopped.
 *
 * <p>{@link AdamW} and {@link Sgd} are {@link Optimizer}s; {@link GradientClipping} comes before a step, {@link LearningRate} says how large it is,
 * {@link Ema} follows it.
 */
@NullMarked
package dev.canonica.autodiff.optim;

import org.jspecify.annotations.NullMarked;
