/**
 * The kernels of {@link dev.canonica.tensor.kernel.Kernels} for {@code F32} by the Vector API. The only package that may use that incubating
 * module, and the only one that knows how wide a vector is.
 */
@NullMarked
package dev.canonica.tensor.vector;

import org.jspecify.annotations.NullMarked;
