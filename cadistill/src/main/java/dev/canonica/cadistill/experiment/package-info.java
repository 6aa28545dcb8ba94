/** The experiment on students: whether canonical samples and features make them rely less on what merely comes with a class. */
@NullMarked
package dev.canonica.cadistill.experiment;

import org.jspecify.annotations.NullMarked;
