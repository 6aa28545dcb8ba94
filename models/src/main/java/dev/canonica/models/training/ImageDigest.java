package dev.canonica.models.training;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.io.ItemDigest;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/**
 * What images and labels hold, in a line, wherever they lie and however they are kept: the beginning of the SHA-256 of the SHA-256 of each image's shape, label
 * and values, in their order. Every image is read for it, on all threads.
 */
final class ImageDigest {
    private ImageDigest() {}

    /**
     * The digest of a source, such as {@code SHA-256 9f86d081884c7d65}.
     *
     * @param done is told how many images have been read
     */
    static String of(ImageSource images, IntConsumer done) {
        return "SHA-256 " + ItemDigest.of(images.size(), i -> bytes(images, i), done);
    }

    private static byte[] bytes(ImageSource images, int i) {
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
        return bytes.array();
    }
}
