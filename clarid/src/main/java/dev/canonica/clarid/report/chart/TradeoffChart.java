package dev.canonica.clarid.report.chart;

import dev.canonica.clarid.report.data.Group;
import dev.canonica.clarid.report.data.Measure;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.clarid.report.data.Step;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What is gained against what it costs: the medians of two measures, one that should fall and one that should stay, as
 * curves over k. Of two curves the one nearer to the top left corner is better.
 */
public final class TradeoffChart {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 360;

    private TradeoffChart() {}

    /** The first measure that a canonical sample should move this way. */
    public static Optional<Measure> first(ReportData data, Measure.Better better) {
        return data.measures().stream().filter(m -> m.better() == better).findFirst();
    }

    /** The chart for the images of one group; empty if there is nothing to show. */
    public static String of(Group group, Measure lower, Measure higher, List<Series> series, List<Step> steps) {
        double[][] xs = new double[series.size()][];
        double[][] ys = new double[series.size()][];
        for (int s = 0; s < series.size(); s++) {
            xs[s] = medians(group, lower, series.get(s), steps);
            ys[s] = medians(group, higher, series.get(s), steps);
        }
        if (Arrays.stream(xs[0]).noneMatch(Double::isFinite)
                || Arrays.stream(ys[0]).noneMatch(Double::isFinite)) {
            return "";
        }
        Axis x = Axis.round(lower.name() + " (less is better)", flat(xs));
        Axis y = Axis.round(higher.name() + " (more is better)", flat(ys));
        String label = "%s against %s for every k, %s: medians of the canonical samples and of the controls"
                .formatted(higher.name(), lower.name(), group.heading());
        SvgChart chart = new SvgChart(WIDTH, HEIGHT, x, y, label);
        chart.text("corner", "", x.low(), y.high(), 8, 14, "start", "↖ better");
        for (int s = series.size() - 1; s >= 0; s--) {
            curve(chart, series.get(s), steps, xs[s], ys[s]);
        }
        return chart.toString();
    }

    private static void curve(SvgChart chart, Series series, List<Step> steps, double[] xs, double[] ys) {
        int fixed =
                (int) steps.stream().filter(step -> step instanceof Step.Fixed).count();
        chart.line(Marks.css(series.slot()), Arrays.copyOf(xs, fixed), Arrays.copyOf(ys, fixed));
        for (int i = 0; i < steps.size(); i++) {
            if (!Double.isFinite(xs[i]) || !Double.isFinite(ys[i])) {
                continue;
            }
            Step step = steps.get(i);
            String key = " data-k=\"" + step.key() + "\"";
            String hint = "%s, %s: %s, %s"
                    .formatted(series.name(), step.title(), Numbers.format(xs[i]), Numbers.format(ys[i]));
            chart.mark(series.slot(), key, xs[i], ys[i], 3.4, hint);
            if (series.slot() == 0) {
                chart.text("key", key, xs[i], ys[i], -7, -8, "end", step.title());
            }
        }
    }

    private static double[] medians(Group group, Measure measure, Series series, List<Step> steps) {
        return steps.stream()
                .mapToDouble(step -> SpreadChart.median(series.values(group.items(), step, measure)))
                .toArray();
    }

    private static double[] flat(double[][] values) {
        return Arrays.stream(values).flatMapToDouble(Arrays::stream).toArray();
    }
}
