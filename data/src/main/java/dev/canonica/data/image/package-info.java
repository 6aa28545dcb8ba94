/** Images and their files: PNG, JPEG, GIF and BMP as torchvision reads them, and resizing. */
@NullMarked
package dev.canonica.data.image;

import org.jspecify.annotations.NullMarked;
