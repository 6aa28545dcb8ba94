/** What {@code canonica bench} needs of the module that has the peers. */
@NullMarked
package dev.canonica.cli.bench;

import org.jspecify.annotations.NullMarked;
