/**
 * What a device computes: the interface {@link dev.canonica.tensor.kernel.Kernels}, what its methods take, and the
 * scalar implementation that everything faster is compared with.
 */
@NullMarked
package dev.canonica.tensor.kernel;

import org.jspecify.annotations.NullMarked;
