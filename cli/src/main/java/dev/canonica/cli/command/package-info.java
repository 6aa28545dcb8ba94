/** The commands: one class each, with the options that are its own, and what several of them do together. */
@NullMarked
package dev.canonica.cli.command;

import org.jspecify.annotations.NullMarked;
