/** The folder of a long run: its lock, its settings, and its numbered parts. */
@NullMarked
package dev.canonica.data.run;

import org.jspecify.annotations.NullMarked;
