/**
 * Layers that name themselves. Where a layer is made, its path, the shapes of its parameters and its place in the order of computation are said once;
 * the names of a network's parameters and layers follow from that.
 */
@NullMarked
package dev.canonica.models.nn;

import org.jspecify.annotations.NullMarked;
