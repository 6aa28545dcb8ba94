/** Losses that hold a student's features to a teacher's. */
@NullMarked
package dev.canonica.cadistill.loss;

import org.jspecify.annotations.NullMarked;
