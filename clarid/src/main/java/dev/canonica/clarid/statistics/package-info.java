/**
 * What measured numbers are worth: intervals of proportions and of means, exact tests of paired answers, the bootstrap. Numbers in, numbers out, in
 * double precision: nothing here knows tensors, models or images.
 *
 * <p>All give an {@link Interval}: {@link Proportion} of counts, {@link Means} of independent measurements, {@link Paired} of two answers to the same
 * questions, {@link Bootstrap} and {@link Jackknife} of any statistic.
 */
@NullMarked
package dev.canonica.clarid.statistics;

import org.jspecify.annotations.NullMarked;
