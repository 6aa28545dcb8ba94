package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.Victim;
import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.models.Probe;
import dev.canonica.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A classifier of images in [0, 1], with what stands before it.
 *
 * @param name what results call it
 * @param digest of its files
 * @param victim the classifier, as attacks take it
 * @param classNames of its classes
 */
public record EvaluatedModel(String name, String digest, Victim victim, List<String> classNames) {
    private static final int CHANNELS = 3;

    /** Number of classes. */
    public int classes() {
        return victim.classes();
    }

    /**
     * A layer's output for images of one size, each in a row. An image's does not depend on the others.
     *
     * @param layer one of the network's; {@code output} gives logits
     * @throws DataException if images are not of one size
     */
    public List<float[]> output(List<Image> images, String layer) {
        List<float[]> values = new ArrayList<>();
        images.forEach(image -> values.add(values(image)));
        return victim.at(layer).outputs(values, shape(images));
    }

    /**
     * The shape [3, H, W] of each of some images, of their {@linkplain #values values}.
     *
     * @throws DataException if they are not of one size
     */
    public static Shape shape(List<Image> images) {
        Shape first = shape(images.getFirst());
        for (int i = 1; i < images.size(); i++) {
            Shape own = shape(images.get(i));
            if (!own.equals(first)) {
                throw new DataException(
                        "images: number %d of a batch is of shape %s, the first of %s; those of a batch have to be of one size"
                                .formatted(i, own, first));
            }
        }
        return first;
    }

    /** The shape [3, H, W] of an image, of its {@linkplain #values values}. */
    public static Shape shape(Image image) {
        return Shape.of(CHANNELS, image.height(), image.width());
    }

    /** The class that is predicted of an image [3, H, W] in [0, 1]. */
    int predicted(float[] image, int height, int width) {
        float[] logits = victim.at(Probe.OUTPUT)
                .outputs(List.of(image), Shape.of(CHANNELS, height, width))
                .getFirst();
        return Answer.of(logits, 0, null).predicted();
    }

    /** An image as [3, H, W] in [0, 1]. */
    public static float[] values(Image image) {
        byte[] pixels = image.toRgb().pixels();
        int plane = pixels.length / CHANNELS;
        float[] values = new float[pixels.length];
        for (int p = 0; p < pixels.length; p++) {
            values[p % CHANNELS * plane + p / CHANNELS] = (pixels[p] & 0xff) / 255f;
        }
        return values;
    }
}
