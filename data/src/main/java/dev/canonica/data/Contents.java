package dev.canonica.data;

import dev.canonica.tensor.Workers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.IntUnaryOperator;

/** What the images of a set hold, in a line: other pixels or labels at the same path are another set. */
public final class Contents {
    private static final int DIGITS = 16;
    private static final int CHUNK = 1024;

    private Contents() {}

    /**
     * The beginning of the SHA-256 of each image's name, size, label and pixels, in their order. Every image is read for it, on all threads.
     *
     * @param count the first so many images
     * @param label of an image, by its index
     */
    public static String digest(ImageSet set, int count, IntUnaryOperator label) {
        MessageDigest all = sha256();
        for (int from = 0; from < count; from += CHUNK) {
            int first = from;
            byte[][] each = new byte[Math.min(CHUNK, count - from)][];
            Workers.run(each.length, i -> each[i] = digest(set, first + i, label.applyAsInt(first + i)));
            for (byte[] one : each) {
                all.update(one);
            }
        }
        return HexFormat.of().formatHex(all.digest()).substring(0, DIGITS);
    }

    private static byte[] digest(ImageSet set, int index, int label) {
        Image image = set.image(index);
        MessageDigest sum = sha256();
        sum.update(set.id(index).getBytes(StandardCharsets.UTF_8));
        sum.update(ByteBuffer.allocate(4 * Integer.BYTES)
                .putInt(label)
                .putInt(image.channels())
                .putInt(image.height())
                .putInt(image.width())
                .flip());
        return sum.digest(image.pixels());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
