/**
 * How far perturbations of images go: norms, and budgets by them.
 *
 * <p>A {@link Budget} is a {@link Norm}, {@link Linf} or {@link L2}, and a length ε, for values in [0, 1].
 */
@NullMarked
package dev.canonica.cadistill.attack.budget;

import org.jspecify.annotations.NullMarked;
