/**
 * What is done with tensors: layers, convolutions, attention, normalisations and the step of an optimiser with their adjoints, factorisations of matrices, and the
 * check for numbers that are not finite. Each operation is written once, on the kernels of its operands' device.
 */
@NullMarked
package dev.canonica.tensor.operation;

import org.jspecify.annotations.NullMarked;
