/** Linear classifiers of images. */
@NullMarked
package dev.canonica.models.linear;

import org.jspecify.annotations.NullMarked;
