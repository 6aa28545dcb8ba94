package dev.canonica.data.set;

import dev.canonica.data.image.Image;
import java.util.List;
import java.util.Optional;

/** Images of which is known what belongs to the object and what kind of background lies behind it. */
public interface MaskedImageSet extends ImageSet {

    /** The opacity of the object in image {@code index}: one channel, 0 where all is background, 255 where none is. */
    Image mask(int index);

    /** What lies behind the object of image {@code index}, of the size of the image, where that is known; empty for all images, or for none. */
    default Optional<Image> behind(int index) {
        return Optional.empty();
    }

    /** The names of the background families. */
    List<String> backgrounds();

    /** The background family of image {@code index}: an index into {@link #backgrounds}. */
    int background(int index);
}
