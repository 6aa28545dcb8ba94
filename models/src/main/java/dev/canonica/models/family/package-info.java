/**
 * The families of models that there are, and the folders that models come in: reading and writing one, of whatever family it is, and telling two apart by a digest.
 */
@NullMarked
package dev.canonica.models.family;

import org.jspecify.annotations.NullMarked;
