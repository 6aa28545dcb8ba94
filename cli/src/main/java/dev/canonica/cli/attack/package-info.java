/** What the command {@code attack} reads and writes. */
@NullMarked
package dev.canonica.cli.attack;

import org.jspecify.annotations.NullMarked;
