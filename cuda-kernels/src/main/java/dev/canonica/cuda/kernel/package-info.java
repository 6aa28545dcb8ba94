/** The kernels of {@code src/main/cuda} behind the interface of the tensor module, and which of them is taken for what. */
@NullMarked
package dev.canonica.cuda.kernel;

import org.jspecify.annotations.NullMarked;
