package dev.canonica.data.corruption;

import dev.canonica.data.image.Image;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.function.DoubleUnaryOperator;

/**
 * An image in numbers, on any scale: channel c of (y, x) is {@code values[(y * width + x) * channels + c]}.
 *
 * @param values not copied
 */
record Pixels(int channels, int height, int width, double[] values) {

    static Pixels of(int channels, int height, int width) {
        return new Pixels(channels, height, width, new double[channels * height * width]);
    }

    /** Numbers in [0, 1]. */
    static Pixels of(Image image) {
        double[] values = new double[image.pixels().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Byte.toUnsignedInt(image.pixels()[i]) / 255.0;
        }
        return new Pixels(image.channels(), image.height(), image.width(), values);
    }

    /** Another image of the same shape, of values of their own. */
    Pixels like() {
        return of(channels, height, width);
    }

    Pixels map(DoubleUnaryOperator f) {
        Pixels mapped = like();
        for (int i = 0; i < values.length; i++) {
            mapped.values[i] = f.applyAsDouble(values[i]);
        }
        return mapped;
    }

    int index(int y, int x) {
        return (y * width + x) * channels;
    }

    /** The number of pixels. */
    int area() {
        return height * width;
    }

    /** Of numbers on 0 … 255: cut off at both ends and truncated, as the published images are; not rounded. */
    Image truncated() {
        byte[] pixels = new byte[values.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) level(values[i]);
        }
        return new Image(channels, height, width, pixels);
    }

    /** The level 0 … 255 of a number, truncated. */
    static int level(double value) {
        return (int) Math.clamp(value, 0, 255);
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
