/** The checks and timings of {@code scripts/gpu-check}, which run where there is an NVIDIA GPU. */
@NullMarked
package dev.canonica.benchmarks.gpu;

import org.jspecify.annotations.NullMarked;
