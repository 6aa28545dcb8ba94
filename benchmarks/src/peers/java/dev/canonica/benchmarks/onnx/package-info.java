/** ONNX Runtime by its Java interface beside us: part of the build with {@code -Ppeers}. */
@NullMarked
package dev.canonica.benchmarks.onnx;

import org.jspecify.annotations.NullMarked;
