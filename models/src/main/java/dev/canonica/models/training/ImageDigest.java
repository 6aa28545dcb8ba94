package dev.canonica.models.training;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Workers;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.IntConsumer;

/**
 * What images and labels hold, in a line, wherever they lie and however they are kept: the beginning of the SHA-256 of the SHA-256 of each image's shape, label
 * and values, in their order. Every image is read for it, on all threads.
 */
final class ImageDigest {
    private static final int DIGITS = 16;
    private static final int CHUNK = 1024;

    private ImageDigest() {}

    /**
     * The digest of a source, such as {@code SHA-256 9f86d081884c7d65}.
     *
     * @param done is told how many images have been read
     */
    static String of(ImageSource images, IntConsumer done) {
        MessageDigest all = sha256();
        for (int from = 0; from < images.size(); from += CHUNK) {
            int first = from;
            byte[][] each = new byte[Math.min(CHUNK, images.size() - from)][];
            Workers.run(each.length, i -> each[i] = digest(images, first + i));
            for (byte[] one : each) {
                all.update(one);
            }
            done.accept(first + each.length);
        }
        return "SHA-256 " + HexFormat.of().formatHex(all.digest()).substring(0, DIGITS);
    }

    private static byte[] digest(ImageSource images, int i) {
        Shape shape = images.shape();
        float[] values = new float[Math.toIntExact(shape.size())];
        images.copy(i, values, 0);
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (shape.rank() + 1 + values.length));
        for (int dim : shape.dims()) {
            bytes.putInt(dim);
        }
        bytes.putInt(images.label(i));
        for (float v : values) {
            bytes.putFloat(v);
        }
        return sha256().digest(bytes.array());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
