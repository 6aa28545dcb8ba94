package dev.canonica.data.set;

import dev.canonica.data.image.Image;
import dev.canonica.tensor.io.ItemDigest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntUnaryOperator;

/** What the images of a set hold: other pixels or labels at the same path are another set. */
public final class Contents {
    private Contents() {}

    /**
     * A digest, in a line, of each image's name, label, size and pixels, in their order. Every image is read for it, on all threads.
     *
     * @param count the first so many images
     */
    public static String digest(ImageSet set, int count) {
        return ItemDigest.of(count, i -> bytes(set, i, set.id(i).getBytes(StandardCharsets.UTF_8)), done -> {});
    }

    /** A digest, in a line, of each image's label, size and pixels, in their order, whatever their names. Every image is read for it, on all threads. */
    public static String ofImages(ImageSet set) {
        return ItemDigest.of(set.size(), i -> bytes(set, i, new byte[0]), done -> {});
    }

    /**
     * The SHA-256 of each image's label, size and pixels and of one more number, whatever its name and its place. Every image is read for it, on all
     * threads.
     *
     * @param count the first so many images
     * @param more a number of an image by its index
     */
    public static byte[][] digests(ImageSet set, int count, IntUnaryOperator more) {
        return ItemDigest.each(
                count,
                i -> bytes(
                        set,
                        i,
                        ByteBuffer.allocate(Integer.BYTES)
                                .putInt(more.applyAsInt(i))
                                .array()),
                done -> {});
    }

    /**
     * A digest, in a line, of the images' names in their order, of which no image is read.
     *
     * @param count the first so many images
     */
    public static String names(ImageSet set, int count) {
        return ItemDigest.of(count, i -> set.id(i).getBytes(StandardCharsets.UTF_8), done -> {});
    }

    private static byte[] bytes(ImageSet set, int index, byte[] first) {
        Image image = set.image(index);
        return ByteBuffer.allocate(first.length + 4 * Integer.BYTES + image.pixels().length)
                .put(first)
                .putInt(set.classes().isEmpty() ? -1 : set.label(index))
                .putInt(image.channels())
                .putInt(image.height())
                .putInt(image.width())
                .put(image.pixels())
                .array();
    }
}
