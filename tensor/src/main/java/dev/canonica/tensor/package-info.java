/**
 * Dense, contiguous, row-major tensors on devices: shapes, data types, sessions, memory that the garbage collector owns, operations that return new
 * tensors, and counter-based random numbers. Needs the JDK alone.
 *
 * <p>Begin with {@link Tensor}, whose methods are the operations that are asked for most; {@link dev.canonica.tensor.operation} has the others.
 * {@link Session} says where and how a span of work is computed, {@link Scope} when its tensors go, {@link Philox} what is random in it. What an
 * operation refuses is an {@link IllegalArgumentException} with one line that names shapes and types; what a device or its memory cannot do is a
 * {@link CanonicaException}.
 */
@NullMarked
package dev.canonica.tensor;

import org.jspecify.annotations.NullMarked;
