/**
 * Automatic differentiation: a primitive is a value and a linear map, a trace is a list of linear maps, and the chain rule is their composition,
 * forwards for {@code push} and backwards for {@code pull}.
 *
 * <p>Begin with {@link Autodiff}, which takes functions written on {@link Var}: {@code linearize} runs one once and gives a {@link Linearization}, whose
 * products J v and Jᵀ u go over blocks of directions, [K, *x] at inputs [*x]; {@code grad}, {@code jacobian}, {@code hvp} and the like are made of it.
 * Primitives are static methods of {@link Arithmetic}, {@link Activations}, {@link Reductions}, {@link LinearLayers}, {@link Convolutions} and their
 * neighbours, the most frequent ones methods of {@code Var}, too. A primitive of one's own is {@code Var.record} with a {@link LinearMap}.
 */
@NullMarked
package dev.canonica.autodiff;

import org.jspecify.annotations.NullMarked;
