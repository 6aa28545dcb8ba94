/**
 * The kernels of {@link dev.canonica.tensor.kernel.Kernels} for {@code F32} by the Vector API. This package and those below it
 * alone may use that incubating module, and alone know how wide a vector is. They are floors, each of which uses those before it: {@code code} ←
 * {@code elements} ← {@code product} ← {@code convolution} ← {@link VectorKernels}, which only chooses.
 */
@NullMarked
package dev.canonica.tensor.vector;

import org.jspecify.annotations.NullMarked;
