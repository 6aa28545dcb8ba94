/**
 * The {@code canonica} command: parses arguments, calls the other modules, and turns every failure into one line and an
 * exit code.
 */
@NullMarked
package dev.canonica.cli;

import org.jspecify.annotations.NullMarked;
