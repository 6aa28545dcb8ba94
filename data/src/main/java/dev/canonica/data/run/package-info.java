/**
 * The folder of a long run: its lock, its settings, and its numbered parts.
 *
 * <p>{@link RunFolder} makes a run that was stopped at any moment go on with the first part that is missing, to the same bytes; {@link Shard} divides a
 * run among processes, {@link ShardFolders} joins what they made.
 */
@NullMarked
package dev.canonica.data.run;

import org.jspecify.annotations.NullMarked;
