/** NVIDIA's libraries: matrix products by cuBLAS, factorisations by cuSOLVER. */
@NullMarked
package dev.canonica.cuda.library;

import org.jspecify.annotations.NullMarked;
