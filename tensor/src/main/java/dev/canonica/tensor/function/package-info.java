/**
 * Element-wise functions of one, two and three arguments by name, each with its definition in double precision.
 *
 * <p>{@link Unary}, {@link Binary} and {@link Ternary} are what devices have kernels for; the methods of {@link dev.canonica.tensor.Tensor} that are
 * called like them are the way to use them.
 */
@NullMarked
package dev.canonica.tensor.function;

import org.jspecify.annotations.NullMarked;
