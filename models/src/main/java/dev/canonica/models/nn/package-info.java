/**
 * Layers that name themselves. Where a layer is made, its path, the shapes of its parameters and its place in the order of computation are said once;
 * the names of a network's parameters and layers follow from that.
 *
 * <p>Begin with {@link Composite}, a module of several layers, and {@link Pass}, which they see in a forward pass. {@link Linear}, {@link Conv},
 * {@link Norm}, {@link Attention}, {@link Embedding} and {@link Function} are layers, {@link Chain} runs some one after the other.
 */
@NullMarked
package dev.canonica.models.nn;

import org.jspecify.annotations.NullMarked;
