/**
 * What measured numbers are worth: intervals of proportions and of means, exact tests of paired answers, the bootstrap. Numbers in, numbers out, in
 * double precision: nothing here knows tensors, models or images.
 */
@NullMarked
package dev.canonica.clarid.statistics;

import org.jspecify.annotations.NullMarked;
