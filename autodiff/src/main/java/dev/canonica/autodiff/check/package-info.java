/**
 * Checks of derivatives, run by the tests and by {@code canonica audit}: one table with a row for every primitive, and one harness that
 * holds a row, or a whole model, to double precision, to central differences and to the adjoint identity.
 */
@NullMarked
package dev.canonica.autodiff.check;

import org.jspecify.annotations.NullMarked;
