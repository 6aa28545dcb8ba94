/** Element-wise functions of one, two and three arguments by name, each with its definition in double. */
@NullMarked
package dev.canonica.tensor.function;

import org.jspecify.annotations.NullMarked;
