/**
 * What is done with tensors: layers, convolutions, attention, normalisations and the step of an optimiser with their adjoints, factorisations of
 * matrices, and the check for numbers that are not finite. Each operation is written once, on the kernels of its operands' device.
 *
 * <p>Code that is to be differentiated uses {@code dev.canonica.autodiff} instead, whose primitives are made of these. {@link Linear},
 * {@link Convolution} and {@link MultiHeadAttention} are layers, {@link LinearAlgebra} and {@link LinearSystems} are of matrices, {@link Masks}
 * compares, {@link Ordering} sorts, {@link Finite} looks for NaN and ±∞.
 */
@NullMarked
package dev.canonica.tensor.operation;

import org.jspecify.annotations.NullMarked;
