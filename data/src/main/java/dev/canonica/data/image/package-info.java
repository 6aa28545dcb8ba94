/**
 * Images and their files: PNG, JPEG, GIF and BMP as torchvision reads them, and resizing.
 *
 * <p>{@link ImageFiles} reads a file, of whatever size and colours, as an {@link Image} of 8 bits a channel; {@link Resize} fits it, {@link Png} writes
 * it.
 */
@NullMarked
package dev.canonica.data.image;

import org.jspecify.annotations.NullMarked;
