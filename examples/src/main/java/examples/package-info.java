/** Programs outside of Canonica's own packages: what they use is its public face. */
@NullMarked
package examples;

import org.jspecify.annotations.NullMarked;
