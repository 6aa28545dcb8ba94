package dev.canonica.clarid.report.chart;

import dev.canonica.clarid.report.data.Group;
import dev.canonica.clarid.report.data.Measure;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.clarid.report.data.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How a measure is spread over images, for k = 0 … n: of the canonical samples every image's dot, the quartiles as a box and
 * the median as a line; of the controls the median at equal change.
 */
public final class SpreadChart {
    private static final int WIDTH = 360;
    private static final int HEIGHT = 225;

    /** With more images than this the dots would run together; the box and the whiskers remain. */
    private static final int MOST_DOTS = 60;

    private SpreadChart() {}

    /**
     * The chart of one measure over the images of one group; empty if there is nothing to show.
     *
     * @param damped whether what is removed has a strength in place of a number of directions
     */
    public static String of(Group group, Measure measure, List<Series> series, int n, boolean damped) {
        double[][] canonical = new double[n + 1][];
        for (int k = 0; k <= n; k++) {
            canonical[k] = Series.CANONICAL.values(group.items(), new Step.Fixed(k), measure);
        }
        if (Arrays.stream(canonical).flatMapToDouble(Arrays::stream).noneMatch(Double::isFinite)) {
            return "";
        }
        List<double[]> medians = new ArrayList<>();
        for (Series one : series) {
            double[] ys = new double[n + 1];
            for (int k = 0; k <= n; k++) {
                ys[k] = median(one.values(group.items(), new Step.Fixed(k), measure));
            }
            medians.add(ys);
        }
        Axis y = yAxis(canonical, medians);
        String label = "%s by %s, %s. Median at 0: %s, at %s: %s"
                .formatted(
                        measure.name(),
                        damped ? "strength" : "number of directions removed",
                        group.heading(),
                        Numbers.format(medians.getFirst()[0]),
                        n,
                        Numbers.format(medians.getFirst()[n]));
        SvgChart chart = new SvgChart(
                WIDTH, HEIGHT, Axis.integers(damped ? "strength" : "directions removed, k", 0, n), y, label);
        for (int k = 0; k <= n; k++) {
            chart.box("step", " data-k=\"" + k + "\"", k - 0.5, y.low(), k + 0.5, y.high());
        }
        for (int k = 0; k <= n; k++) {
            column(chart, k, position(k, damped), canonical[k], group, measure, y);
        }
        double[] ks = new double[n + 1];
        Arrays.setAll(ks, k -> k);
        for (int s = series.size() - 1; s >= 0; s--) {
            int slot = series.get(s).slot();
            double[] ys = Arrays.stream(medians.get(s)).map(y::clamp).toArray();
            chart.line(Marks.css(slot), ks, ys);
            for (int k = 0; k <= n; k++) {
                if (Double.isFinite(ys[k])) {
                    String hint = "%s, %s: median %s"
                            .formatted(series.get(s).name(), position(k, damped), Numbers.format(medians.get(s)[k]));
                    chart.mark(slot, "", k, ys[k], 3, hint);
                }
            }
        }
        return chart.toString();
    }

    /** Moves the dots of a column apart, −0.5 … 0.5: the golden ratio spreads any number of them evenly. */
    public static double jitter(int i) {
        return (i * 0.618034) % 1 - 0.5;
    }

    /** NaN if it is known of less than half of the images, which then are not like the others. */
    public static double median(double[] values) {
        long known = Arrays.stream(values).filter(Double::isFinite).count();
        return 2 * known >= values.length ? Numbers.median(values) : Double.NaN;
    }

    private static String position(int k, boolean damped) {
        return (damped ? "strength " : "k = ") + k;
    }

    private static void column(
            SvgChart chart, int k, String position, double[] values, Group group, Measure measure, Axis y) {
        double low = Numbers.quantile(values, 0.25);
        if (Double.isNaN(low)) {
            return;
        }
        chart.segment(
                "whisker", "", k, y.clamp(Numbers.quantile(values, 0.05)), k, y.clamp(Numbers.quantile(values, 0.95)));
        chart.box("box", "", k - 0.28, y.clamp(low), k + 0.28, y.clamp(Numbers.quantile(values, 0.75)));
        if (values.length > MOST_DOTS) {
            return;
        }
        for (int i = 0; i < values.length; i++) {
            if (Double.isFinite(values[i])) {
                double shift = jitter(i) * 0.5;
                boolean beyond = y.clamp(values[i]) != values[i];
                String hint = "%s, %s: %s %s"
                        .formatted(group.items().get(i).name(), position, measure.name(), Numbers.format(values[i]));
                chart.dot(beyond ? "dot beyond" : "dot", k + shift, y.clamp(values[i]), 1.6, hint);
            }
        }
    }

    /**
     * Holds the medians of the method and of the first control, every box, and all dots but those far out, which are drawn hollow
     * on the edge; the other controls as far as they leave room for these.
     */
    private static Axis yAxis(double[][] canonical, List<double[]> medians) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double[] values : canonical) {
            double q1 = Numbers.quantile(values, 0.25);
            double q3 = Numbers.quantile(values, 0.75);
            double reach = 3 * (q3 - q1);
            for (double v : values) {
                if (v >= q1 - reach && v <= q3 + reach) {
                    low = Math.min(low, v);
                    high = Math.max(high, v);
                }
            }
        }
        double room = Double.POSITIVE_INFINITY;
        for (int s = 0; s < medians.size(); s++) {
            double least = low - room;
            double most = high + room;
            for (double v : medians.get(s)) {
                if (Double.isFinite(v)) {
                    low = Math.min(low, Math.max(v, least));
                    high = Math.max(high, Math.min(v, most));
                }
            }
            room = s == 0 ? room : (high - low) / 2;
        }
        return Axis.round("", low, high);
    }
}
