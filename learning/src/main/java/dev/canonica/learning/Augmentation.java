package dev.canonica.learning;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;

/**
 * A random change of an image that leaves its class as it is. What is done is a function of the random stream and of the image's number: with a stream of
 * seed and step the number is that in the batch, with one of seed and epoch that in the set, and then neither batch nor order matter.
 */
@FunctionalInterface
public interface Augmentation {
    /** Leaves images as they are. */
    Augmentation NONE = (image, random, number) -> {};

    /**
     * Changes an image in place.
     *
     * @param number tells the image from others of the same stream
     */
    void apply(Pixels image, Philox random, long number);

    /**
     * An image [C, H, W] within an array.
     *
     * @param offset of its first value
     */
    record Pixels(float[] values, int offset, int channels, int height, int width) {
        /** Where a row of a channel begins. */
        int row(int channel, int y) {
            return offset + (channel * height + y) * width;
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /** Left and right exchanged, for every other image on average. */
    static Augmentation mirror() {
        return (image, random, number) -> {
            if (random.uniform(number) < 0.5f) {
                mirror(image);
            }
        };
    }

    private static void mirror(Pixels image) {
        int width = image.width();
        float[] v = image.values();
        for (int c = 0; c < image.channels(); c++) {
            for (int y = 0; y < image.height(); y++) {
                int row = image.row(c, y);
                for (int x = 0; x < width / 2; x++) {
                    float left = v[row + x];
                    v[row + x] = v[row + width - 1 - x];
                    v[row + width - 1 - x] = left;
                }
            }
        }
    }

    /**
     * A window of the image's own size, anywhere in the image with a border around it (He et al., 2016, Section 4.2): the image is moved by up to {@code
     * border} pixels each way.
     *
     * @param border its width in pixels, at least 1
     * @param value of the border's pixels, such as 0 where images are centred
     */
    static Augmentation padAndCrop(int border, float value) {
        if (border < 1) {
            throw new IllegalArgumentException("pad and crop: a border of " + border + " pixels");
        }
        return (image, random, number) -> {
            int dy = random.bounded(2 * number, 2 * border + 1) - border;
            int dx = random.bounded(2 * number + 1, 2 * border + 1) - border;
            move(image, dy, dx, value);
        };
    }

    /** Pixel (y, x) becomes what (y + dy, x + dx) was. */
    private static void move(Pixels image, int dy, int dx, float outside) {
        int h = image.height();
        int w = image.width();
        float[] was = new float[h * w];
        for (int c = 0; c < image.channels(); c++) {
            System.arraycopy(image.values(), image.row(c, 0), was, 0, h * w);
            for (int y = 0; y < h; y++) {
                for (int x = 0; x < w; x++) {
                    int fromY = y + dy;
                    int fromX = x + dx;
                    boolean inside = fromY >= 0 && fromY < h && fromX >= 0 && fromX < w;
                    image.values()[image.row(c, y) + x] = inside ? was[fromY * w + fromX] : outside;
                }
            }
        }
    }

    /** This, then another; each draws from a stream of its own. */
    default Augmentation then(Augmentation next) {
        return (image, random, number) -> {
            apply(image, random.child(0), number);
            next.apply(image, random.child(1), number);
        };
    }
}
