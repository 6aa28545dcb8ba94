package dev.canonica.clarid.report.data;

import dev.canonica.data.image.Image;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One decoded image and what was measured on it.
 *
 * @param image null where there is none
 * @param label the parameter that made it, short: {@code γ = 0.91}; empty if none; without an image the reason why
 * @param values by the name of the {@link Measure}; NaN or absent if not known
 */
public record Sample(@Nullable Image image, String label, Map<String, Double> values) {

    /** Keeps a copy of the values. */
    public Sample {
        values = Map.copyOf(values);
    }

    /** A sample that could not be made, for example because no strength of the control changes the image as much. */
    public static Sample missing(String reason) {
        return new Sample(null, reason, Map.of());
    }

    /** The value of a measure, NaN if not known. */
    public double value(Measure measure) {
        return values.getOrDefault(measure.name(), Double.NaN);
    }
}
