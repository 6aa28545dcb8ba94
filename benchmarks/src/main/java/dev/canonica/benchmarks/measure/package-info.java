/** How measurements are taken in turns, kept, and shown on the page of performance. */
@NullMarked
package dev.canonica.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
