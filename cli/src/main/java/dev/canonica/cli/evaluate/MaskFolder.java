package dev.canonica.cli.evaluate;

import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.data.image.Resize;
import dev.canonica.data.set.ImageSet;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Masks of a set's objects: PNG files named as the images, in folders as theirs, 0 where all is background and 255 where none is; of a picture in colour
 * the red counts.
 */
record MaskFolder(ImageSet images, Path folder) {

    /** The opacity of the object in image i, cropped and resized as the image is. */
    Image mask(int i) {
        String id = images.id(i);
        int dot = id.lastIndexOf('.');
        Path file = folder.resolve((dot > id.lastIndexOf('/') ? id.substring(0, dot) : id) + ".png");
        if (!Files.exists(file)) {
            throw new DataException("%s: no such mask, of image %s".formatted(file, id));
        }
        Image rgb = Resize.fit(ImageFiles.read(file), images.height(), images.width());
        byte[] opacity = new byte[rgb.height() * rgb.width()];
        for (int p = 0; p < opacity.length; p++) {
            opacity[p] = rgb.pixels()[3 * p];
        }
        return new Image(1, rgb.height(), rgb.width(), opacity);
    }
}
