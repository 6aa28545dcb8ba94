/** Convolution and its adjoints as matrix products: by patches, and in Winograd's tiles. */
@NullMarked
package dev.canonica.tensor.vector.convolution;

import org.jspecify.annotations.NullMarked;
