package dev.canonica.clarid.study;

import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.clarid.metrics.Ssim;
import dev.canonica.clarid.metrics.Variation;
import org.jspecify.annotations.Nullable;

/** Measures one image against its original and reconstruction. */
public final class ImageMeasures {
    private static final double RANGE = 2; // of values in [−1, 1]
    private static final double BEYOND = 1.05;

    private final Pixels original;
    private final float[] object;
    private final float[] rest;

    /**
     * Of an image.
     *
     * @param mask the object's opacity [H, W]; null where nobody knows it, or where all or nothing is object
     */
    public ImageMeasures(Pixels original, float @Nullable [] mask) {
        this.original = original;
        int area = original.height() * original.width();
        this.object = new float[area];
        this.rest = new float[area];
        for (int i = 0; i < area; i++) {
            object[i] = mask == null ? 1 : mask[i];
            rest[i] = mask == null ? 1 : 1 - mask[i];
        }
    }

    /**
     * A row of {@link ImageMeasure}s.
     *
     * @param judged log-probability of the class, and 1 where it is the greatest; NaN of no classifier
     */
    public double[] of(Pixels image, Pixels reconstruction, double[] judged) {
        double[] row = new double[ImageMeasure.values().length];
        row[ImageMeasure.CHANGE.ordinal()] = image.rootMeanSquare(reconstruction);
        row[ImageMeasure.VARIANCE.ordinal()] = Variation.variance(image, rest);
        row[ImageMeasure.VARIATION.ordinal()] = Variation.total(image, rest);
        row[ImageMeasure.SSIM.ordinal()] = Ssim.inside(image, original, object, RANGE);
        row[ImageMeasure.COLOUR.ordinal()] = rootMeanSquare(image, original, object) / RANGE;
        row[ImageMeasure.OUTSIDE.ordinal()] = outside(image);
        row[ImageMeasure.LOG_PROBABILITY.ordinal()] = judged[0];
        row[ImageMeasure.RIGHT.ordinal()] = judged[1];
        return row;
    }

    private static double outside(Pixels image) {
        int count = 0;
        for (float v : image.values()) {
            count += Math.abs(v) > BEYOND ? 1 : 0;
        }
        return (double) count / image.values().length;
    }

    private static double rootMeanSquare(Pixels x, Pixels y, float[] weights) {
        int area = x.height() * x.width();
        double sum = 0;
        double all = 0;
        for (int i = 0; i < x.values().length; i++) {
            double d = (double) x.values()[i] - y.values()[i];
            sum += weights[i % area] * d * d;
            all += weights[i % area];
        }
        return Math.sqrt(sum / all);
    }
}
