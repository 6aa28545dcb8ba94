/** Tests of the emulated CUDA driver in {@code src/test/emulator}, and its control from Java. */
@NullMarked
package dev.canonica.cuda.emulator;

import org.jspecify.annotations.NullMarked;
