package dev.canonica.clarid.study;

import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.clarid.metrics.Ssim;
import dev.canonica.clarid.metrics.Variation;
import dev.canonica.clarid.report.data.Measure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is measured on every decoded image: against the original, and against the reconstruction. */
final class Measurements {
    /** Root mean square of the difference to the reconstruction, of a range of 2. */
    static final Measure CHANGE =
            new Measure("Change", "root mean square difference to the reconstruction", Measure.Better.NEITHER);

    static final Measure BACKGROUND_VARIANCE = new Measure(
            "Background variance", "outside the object, relative to the reconstruction", Measure.Better.LOWER);
    static final Measure BACKGROUND_VARIATION = new Measure(
            "Background variation",
            "total variation outside the object, relative to the reconstruction",
            Measure.Better.LOWER);
    static final Measure OBJECT_SSIM = new Measure(
            "Object SSIM", "structural similarity to the original inside the object's mask", Measure.Better.HIGHER);
    static final Measure VARIATION =
            new Measure("Variation", "total variation, relative to the reconstruction", Measure.Better.NEITHER);
    static final Measure SSIM = new Measure("SSIM", "structural similarity to the original", Measure.Better.NEITHER);

    private static final double RANGE = 2; // of values in [−1, 1]

    private final Pixels original;
    private final Pixels reconstruction;
    private final float @Nullable [] object;
    private final float[] rest;

    Measurements(Pixels original, Pixels reconstruction, float @Nullable [] object) {
        this.original = original;
        this.reconstruction = reconstruction;
        this.object = object;
        this.rest = new float[original.height() * original.width()];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = object == null ? 1 : 1 - object[i];
        }
    }

    static List<Measure> of(boolean masked) {
        return masked
                ? List.of(BACKGROUND_VARIANCE, BACKGROUND_VARIATION, OBJECT_SSIM, CHANGE)
                : List.of(VARIATION, SSIM, CHANGE);
    }

    Map<String, Double> of(Pixels image) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(CHANGE.name(), image.rootMeanSquare(reconstruction));
        double variation = Variation.total(image, rest) / Variation.total(reconstruction, rest);
        if (object == null) {
            values.put(VARIATION.name(), variation);
            values.put(SSIM.name(), Ssim.of(image, original, RANGE));
        } else {
            values.put(
                    BACKGROUND_VARIANCE.name(),
                    Variation.variance(image, rest) / Variation.variance(reconstruction, rest));
            values.put(BACKGROUND_VARIATION.name(), variation);
            values.put(OBJECT_SSIM.name(), Ssim.inside(image, original, object, RANGE));
        }
        return values;
    }
}
