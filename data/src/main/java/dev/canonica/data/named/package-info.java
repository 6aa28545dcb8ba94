/** Data sets that have a name, the synthetic Scenes among them, and how a set is found by its name. */
@NullMarked
package dev.canonica.data.named;

import org.jspecify.annotations.NullMarked;
