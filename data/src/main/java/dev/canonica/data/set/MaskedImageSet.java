package dev.canonica.data.set;

import dev.canonica.data.image.Image;
import java.util.List;

/** Images of which is known what belongs to the object and what kind of background lies behind it. */
public interface MaskedImageSet extends ImageSet {

    /** The opacity of the object in image {@code index}: one channel, 0 where all is background, 255 where none is. */
    Image mask(int index);

    /** The names of the background families. */
    List<String> backgrounds();

    /** The background family of image {@code index}: an index into {@link #backgrounds}. */
    int background(int index);
}
