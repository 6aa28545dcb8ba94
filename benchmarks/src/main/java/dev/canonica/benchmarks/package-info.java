/**
 * JMH benchmarks of the kernels, products and pipelines, each beside a named peer that runs in the same process.
 */
@NullMarked
package dev.canonica.benchmarks;

import org.jspecify.annotations.NullMarked;
