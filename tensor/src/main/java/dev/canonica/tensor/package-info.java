/**
 * Dense, contiguous, row-major tensors on devices: shapes, data types, sessions, memory that the garbage collector owns, operations that
 * return new tensors, and counter-based random numbers. Needs the JDK alone.
 */
@NullMarked
package dev.canonica.tensor;

import org.jspecify.annotations.NullMarked;
