/** Matrix products: packing, the loops over panels, and the microkernels inside. */
@NullMarked
package dev.canonica.tensor.vector.product;

import org.jspecify.annotations.NullMarked;
