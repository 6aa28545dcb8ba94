/**
 * Optimisers: they change parameters in place from gradients, know parameters by name, and give their state out as named tensors, so
 * that training resumes from a checkpoint as if it had never stopped.
 */
@NullMarked
package dev.canonica.autodiff.optim;

import org.jspecify.annotations.NullMarked;
