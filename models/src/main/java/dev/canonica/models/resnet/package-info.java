/** Residual networks that classify images. */
@NullMarked
package dev.canonica.models.resnet;

import org.jspecify.annotations.NullMarked;
