/** Options that several commands have, and what their values stand for. */
@NullMarked
package dev.canonica.cli.option;

import org.jspecify.annotations.NullMarked;
