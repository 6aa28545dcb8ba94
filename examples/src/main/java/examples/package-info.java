/**
 * Programs outside of Canonica's own packages: what they use is its public face.
 *
 * <p>Begin with {@link OwnDerivative}, or with {@link CanonicalImage} for the method.
 */
@NullMarked
package examples;

import org.jspecify.annotations.NullMarked;
