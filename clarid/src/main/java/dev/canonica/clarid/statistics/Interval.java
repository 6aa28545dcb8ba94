package dev.canonica.clarid.statistics;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A number that was measured, and where the true one may lie.
 *
 * @param estimate the number; NaN if nothing was measured
 * @param low the lower end; −∞ where nothing bounds it
 * @param high the upper end; ∞ where nothing bounds it
 * @param level the confidence in [low, high], such as 0.95
 * @param count of how many measurements the number is: images, seeds
 */
public record Interval(double estimate, double low, double high, double level, long count) {
    /** The confidence of intervals unless another is given. */
    public static final double LEVEL = 0.95;

    /** Checks that the confidence lies inside 0 and 1, the ends are in order, and the count is not negative. */
    public Interval {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException("interval: a confidence lies between 0 and 1: " + level);
        }
        if (count < 0) {
            throw new IllegalArgumentException("interval: of " + count + " measurements");
        }
        if (low > high) {
            throw new IllegalArgumentException("interval: from " + low + " to " + high);
        }
    }

    /** Whether a value lies in it, ends included. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    /** As members of a JSON object, by their names; ends that nothing bounds and an estimate of nothing are left out. */
    public Map<String, Object> toMap() {
        Map<String, Object> members = new LinkedHashMap<>();
        put(members, "estimate", estimate);
        put(members, "low", low);
        put(members, "high", high);
        members.put("level", level);
        members.put("n", count);
        return members;
    }

    private static void put(Map<String, Object> members, String name, double value) {
        if (Double.isFinite(value)) {
            members.put(name, value);
        }
    }
}
