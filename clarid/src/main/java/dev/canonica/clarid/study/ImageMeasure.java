package dev.canonica.clarid.study;

import java.util.function.ToDoubleFunction;

/** What is measured of every decoded image; its place in the rows of numbers that are stored. */
public enum ImageMeasure implements ToDoubleFunction<double[]> {
    /** Root mean square of the difference to the reconstruction, of a range of 2. */
    CHANGE("change", "change"),
    /** Variance outside the object, or of the whole image where no mask is known. */
    VARIANCE("background_variance", "variance"),
    /** Total variation there. */
    VARIATION("background_variation", "variation"),
    /** Structural similarity to the original inside the object, or of the whole image. */
    SSIM("object_ssim", "ssim"),
    /** Root mean square of the difference of colours to the original there, of a range of 1. */
    COLOUR("object_colour_error", "colour_error"),
    /** Values outside of [−1, 1] by more than a twentieth, as a share of all. */
    OUTSIDE("out_of_range", "out_of_range"),
    /** The classifier's log-probability of the image's class; NaN without one. */
    LOG_PROBABILITY("log_probability", "log_probability"),
    /** 1 where the classifier takes the image for one of its class, else 0; NaN without one. */
    RIGHT("accuracy", "accuracy");

    private final String masked;
    private final String whole;

    ImageMeasure(String masked, String whole) {
        this.masked = masked;
        this.whole = whole;
    }

    /** Its name in files: another one where objects have no masks and it is of the whole image. */
    public String id(boolean haveMasks) {
        return haveMasks ? masked : whole;
    }

    /** In a row of numbers. */
    public double in(double[] row) {
        return row[ordinal()];
    }

    /** {@link #in}. */
    @Override
    public double applyAsDouble(double[] row) {
        return in(row);
    }
}
