/** What goes through the CUDA driver: the context and its stream, memory, launches, and modules of kernels, compiled ones too. */
@NullMarked
package dev.canonica.cuda.driver;

import org.jspecify.annotations.NullMarked;
