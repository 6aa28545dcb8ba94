package dev.canonica.data.set;

import dev.canonica.data.image.Image;
import dev.canonica.tensor.io.ItemDigest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What the images of a set hold, in a line: other pixels or labels at the same path are another set. */
public final class Contents {
    private Contents() {}

    /**
     * A digest of each image's name, label, size and pixels, in their order. Every image is read for it, on all threads.
     *
     * @param count the first so many images
     */
    public static String digest(ImageSet set, int count) {
        return ItemDigest.of(count, i -> bytes(set, i), done -> {});
    }

    private static byte[] bytes(ImageSet set, int index) {
        Image image = set.image(index);
        byte[] name = set.id(index).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(name.length + 4 * Integer.BYTES + image.pixels().length)
                .put(name)
                .putInt(set.classes().isEmpty() ? -1 : set.label(index))
                .putInt(image.channels())
                .putInt(image.height())
                .putInt(image.width())
                .put(image.pixels())
                .array();
    }
}
