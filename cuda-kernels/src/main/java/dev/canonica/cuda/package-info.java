/**
 * Tensors on NVIDIA GPUs: the {@link dev.canonica.tensor.kernel.Kernels} in CUDA, the device's memory, and launches through JCuda. Found by
 * {@link java.util.ServiceLoader}; nothing else names it.
 */
@NullMarked
package dev.canonica.cuda;

import org.jspecify.annotations.NullMarked;
