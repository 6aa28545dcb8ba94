/**
 * The lowest floor: native memory, the pools that tensors live in, who uses a block and for how long, and the threads that share work. It knows neither
 * tensors nor devices: a {@link dev.canonica.tensor.memory.Span} tells it what the settings of the work are, and a
 * {@link dev.canonica.tensor.memory.Located} what lies in a block.
 */
@NullMarked
package dev.canonica.tensor.memory;

import org.jspecify.annotations.NullMarked;
