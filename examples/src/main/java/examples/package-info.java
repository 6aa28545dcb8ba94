/**
 * Programs outside of Canonica's own packages: what they use is its public face.
 *
 * <p>{@link OwnPrimitive} differentiates an operation of one's own, {@link OwnLayer} trains a classifier with a layer of one's own, and
 * {@link OwnFamilies} reads it by its class's name.
 */
@NullMarked
package examples;

import org.jspecify.annotations.NullMarked;
