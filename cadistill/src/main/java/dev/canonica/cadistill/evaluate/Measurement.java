package dev.canonica.cadistill.evaluate;

import dev.canonica.clarid.statistics.Interval;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * One number that was measured of a model.
 *
 * @param model its name
 * @param measure {@code clean}, {@code calibration}, {@code corruptions}, {@code background}, {@code ood}, {@code features} or {@code attacks}
 * @param name of the number among those of the measure: {@code accuracy}, {@code gaussian_noise/3}, {@code linf/0.0313725/standard}
 * @param value with its interval and count
 * @param right which images were answered rightly, in the set's order, where the number is their share; null where it is something else
 */
public record Measurement(String model, String measure, String name, Interval value, boolean @Nullable [] right) {
    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
