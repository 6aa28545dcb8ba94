/** The measures of {@code canonica metric}: their inputs, values and results. */
@NullMarked
package dev.canonica.cli.metric;

import org.jspecify.annotations.NullMarked;
