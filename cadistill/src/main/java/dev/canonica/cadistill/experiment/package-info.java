/**
 * The experiments on the method and on students: whether canonical samples and features are what they are said to be, and whether they make students
 * rely less on what merely comes with a class.
 *
 * <p>{@link ClaridExperiment} is the one on the method, {@link CadistillExperiment} the one on students; a {@link ClaridScale} or {@link Scale} says how
 * large it is.
 */
@NullMarked
package dev.canonica.cadistill.experiment;

import org.jspecify.annotations.NullMarked;
