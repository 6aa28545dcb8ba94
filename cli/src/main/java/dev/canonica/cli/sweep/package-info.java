/** The settings of {@code sweep} as a command line names them. */
@NullMarked
package dev.canonica.cli.sweep;

import org.jspecify.annotations.NullMarked;
