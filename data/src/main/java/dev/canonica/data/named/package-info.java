/**
 * Data sets that have a name, the synthetic Scenes among them, and how a set is found by its name.
 *
 * <p>{@link DataSets} opens a set by what the command line calls it, {@code scenes:test} or a path; {@link Scenes} are images whose every factor is
 * known.
 */
@NullMarked
package dev.canonica.data.named;

import org.jspecify.annotations.NullMarked;
