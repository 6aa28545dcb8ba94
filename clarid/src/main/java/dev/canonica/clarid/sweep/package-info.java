/**
 * Settings of the method by measurement: many settings on the same images, beside controls, with intervals; the choice is made on one half of the images
 * and reported on the other.
 *
 * <p>A {@link SweepPlan} says what is measured, a {@link Sweep} does it in a folder, {@link SweepResults} has what was found, and {@link SweepPage}
 * shows it; {@link TeSearch} finds t_e, the level of noise, for a model.
 */
@NullMarked
package dev.canonica.clarid.sweep;

import org.jspecify.annotations.NullMarked;
