/**
 * Checks of derivatives: a harness that holds a {@link dev.canonica.autodiff.check.Row}, of one primitive, or a whole model, to double precision, to central
 * differences and to the adjoint identity.
 */
@NullMarked
package dev.canonica.autodiff.check;

import org.jspecify.annotations.NullMarked;
