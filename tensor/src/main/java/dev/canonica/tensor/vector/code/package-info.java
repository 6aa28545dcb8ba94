/** Machine code and vector code: instructions as bytes, formulas of vectors, and what both forms share. */
@NullMarked
package dev.canonica.tensor.vector.code;

import org.jspecify.annotations.NullMarked;
