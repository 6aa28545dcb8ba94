/** How far perturbations of images go: norms, and budgets by them. */
@NullMarked
package dev.canonica.cadistill.attack.budget;

import org.jspecify.annotations.NullMarked;
