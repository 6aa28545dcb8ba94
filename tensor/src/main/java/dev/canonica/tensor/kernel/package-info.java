/**
 * What a device computes: the interface {@link dev.canonica.tensor.kernel.Kernels}, the definitions of the element-wise functions, and the
 * scalar implementation that everything faster is compared with.
 */
@NullMarked
package dev.canonica.tensor.kernel;

import org.jspecify.annotations.NullMarked;
