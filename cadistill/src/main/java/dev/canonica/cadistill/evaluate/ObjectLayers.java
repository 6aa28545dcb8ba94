package dev.canonica.cadistill.evaluate;

import dev.canonica.data.image.Image;
import dev.canonica.data.set.MaskedImageSet;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What images of objects are made of.
 *
 * @param masks the opacity of the object in image i, one channel of the image's size
 * @param behind what lies behind the object of image i; null where that is not known
 */
public record ObjectLayers(
        IntFunction<Image> masks, @Nullable IntFunction<Image> behind) {
    /** Masks alone. */
    public static ObjectLayers masks(IntFunction<Image> masks) {
        return new ObjectLayers(masks, null);
    }

    /** Masks, and backgrounds where the set knows them. */
    public static ObjectLayers of(MaskedImageSet set) {
        boolean known = set.size() > 0 && set.behind(0).isPresent();
        return new ObjectLayers(set::mask, known ? i -> set.behind(i).orElseThrow() : null);
    }
}
