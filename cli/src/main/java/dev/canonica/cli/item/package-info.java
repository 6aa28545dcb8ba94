/** The items of {@code canonica run}: what can be computed of a network, from arrays to arrays. */
@NullMarked
package dev.canonica.cli.item;

import org.jspecify.annotations.NullMarked;
