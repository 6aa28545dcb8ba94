/** What the command {@code evaluate} reads. */
@NullMarked
package dev.canonica.cli.evaluate;

import org.jspecify.annotations.NullMarked;
