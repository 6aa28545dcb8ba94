package dev.canonica.clarid.metrics;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;

/**
 * An image of floats as models have it, channel by channel (CHW): (c, y, x) is {@code values[(c * height + y) * width +
 * x]}.
 *
 * @param values not copied
 */
public record Pixels(int channels, int height, int width, float[] values) {
    /** Checks that there are as many values as the three sizes say, and none is 0. */
    public Pixels {
        if (channels < 1 || height < 1 || width < 1 || values.length != (long) channels * height * width) {
            throw new IllegalArgumentException(
                    "Pixels: " + values.length + " values are not " + channels + " x " + height + " x " + width);
        }
    }

    /** The number of pixels. */
    int area() {
        return height * width;
    }

    /** Throws unless the other image has the same extents. */
    void requireLike(String operation, Pixels other) {
        if (channels != other.channels || height != other.height || width != other.width) {
            throw new IllegalArgumentException(operation + ": images differ: [" + channels + ", " + height + ", "
                    + width + "] and [" + other.channels + ", " + other.height + ", " + other.width + "]");
        }
    }

    /** Throws unless the mask has one weight a pixel, none negative, some positive; returns their sum. */
    double requireMask(String operation, float[] mask) {
        if (mask.length != area()) {
            throw new IllegalArgumentException(
                    operation + ": the mask has " + mask.length + " weights for " + height + " x " + width + " pixels");
        }
        double sum = 0;
        for (float weight : mask) {
            if (!(weight >= 0)) {
                throw new IllegalArgumentException(operation + ": a weight of the mask is " + weight);
            }
            sum += weight;
        }
        if (sum == 0) {
            throw new IllegalArgumentException(operation + ": the mask is empty");
        }
        return sum;
    }

    /** The root mean square of the differences to an image of the same size. */
    public double rootMeanSquare(Pixels other) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double d = (double) values[i] - other.values[i];
            sum += d * d;
        }
        return Math.sqrt(sum / values.length);
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
