/** Kernels of elements, rows, columns, planes and windows, as machine code and on the Vector API. */
@NullMarked
package dev.canonica.tensor.vector.elements;

import org.jspecify.annotations.NullMarked;
