/** The table of checks, with a row for every primitive of {@link dev.canonica.autodiff}: run by the tests and by {@code canonica audit}. */
@NullMarked
package dev.canonica.autodiff.check.table;

import org.jspecify.annotations.NullMarked;
