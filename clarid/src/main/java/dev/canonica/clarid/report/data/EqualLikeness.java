package dev.canonica.clarid.report.data;

import dev.canonica.clarid.statistics.Polyline;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** The method beside a control where both keep as much: what canonical samples leave, divided by what the control's curve leaves at the same mean of what should stay. */
public final class EqualLikeness {
    private EqualLikeness() {}

    /**
     * The ratio of means over the images; empty where the control's curve, from the reconstruction over its samples, does not get there, or the control leaves nothing.
     *
     * @param falls the measure that should be small
     * @param stays the measure in which both are alike
     */
    public static OptionalDouble ratio(List<Item> items, Step step, Measure falls, Measure stays, Series control) {
        int positions =
                items.stream().mapToInt(item -> control.of(item).size()).min().orElse(0);
        double[][] points = IntStream.range(0, positions)
                .mapToObj(k -> means(items, new Step.Fixed(k), falls, stays, control))
                .filter(EqualLikeness::isKnown)
                .toArray(double[][]::new);
        double[] own = means(items, step, falls, stays, Series.CANONICAL);
        double[] x = Arrays.stream(points).mapToDouble(p -> p[1]).toArray();
        if (x.length < 2 || !isKnown(own) || !Polyline.reaches(own[1], x)) {
            return OptionalDouble.empty();
        }
        double other = Polyline.at(own[1], x, i -> points[i][0]);
        return other > 0 ? OptionalDouble.of(own[0] / other) : OptionalDouble.empty();
    }

    /**
     * The ratio as a reader sees it: where there is none, that and the reason; empty where nothing is known of the method itself.
     *
     * @param form in which the ratio is written, with one {@code %s}
     * @see #ratio
     */
    public static Optional<String> shown(
            List<Item> items, Step step, Measure falls, Measure stays, Series control, String form) {
        if (!isKnown(means(items, step, falls, stays, Series.CANONICAL))) {
            return Optional.empty();
        }
        OptionalDouble ratio = ratio(items, step, falls, stays, control);
        return Optional.of(
                ratio.isPresent()
                        ? form.formatted(Numbers.format(ratio.getAsDouble()))
                        : "not comparable (its curve does not reach that)");
    }

    private static double[] means(List<Item> items, Step step, Measure falls, Measure stays, Series series) {
        return new double[] {
            Arrays.stream(series.values(items, step, falls)).average().orElse(Double.NaN),
            Arrays.stream(series.values(items, step, stays)).average().orElse(Double.NaN)
        };
    }

    private static boolean isKnown(double[] means) {
        return Double.isFinite(means[0]) && Double.isFinite(means[1]);
    }
}
