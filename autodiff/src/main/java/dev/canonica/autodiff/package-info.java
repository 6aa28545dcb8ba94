/**
 * Automatic differentiation: a primitive is a value and a linear map, a trace is a list of linear maps, and the chain
 * rule is their composition, forwards for {@code push} and backwards for {@code pull}.
 */
@NullMarked
package dev.canonica.autodiff;

import org.jspecify.annotations.NullMarked;
