/** The work that is measured: networks, products with their Jacobians, training steps, and what serves them to a peer in another process. */
@NullMarked
package dev.canonica.benchmarks.work;

import org.jspecify.annotations.NullMarked;
