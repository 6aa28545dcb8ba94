package dev.canonica.clarid.report.chart;

import dev.canonica.clarid.report.data.Group;
import dev.canonica.clarid.report.data.Measure;
import dev.canonica.clarid.report.data.Series;
import dev.canonica.clarid.report.data.Step;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/** A glimpse of a spread: one dot for each image, the method above, a control below, a line at the reconstruction. */
public final class StripChart {
    private static final int WIDTH = 170;
    private static final int HEIGHT = 34;

    /** Beyond this the dots would run together. */
    private static final int MOST_DOTS = 100;

    private StripChart() {}

    /**
     * The chart of one measure at one step; empty if there are too many images.
     *
     * @param before the value of the reconstruction
     * @param series the method and, if there is one, the first control
     */
    public static String of(Group group, Step step, Measure measure, double before, List<Series> series) {
        if (group.items().size() > MOST_DOTS) {
            return "";
        }
        double[] all = series.stream()
                .flatMapToDouble(one -> DoubleStream.of(one.values(group.items(), step, measure)))
                .toArray();
        Axis round = Axis.round(
                "",
                DoubleStream.concat(DoubleStream.of(all), DoubleStream.of(before))
                        .toArray());
        String label = "%s of every image, %s, %s".formatted(measure.name(), group.heading(), step.title());
        SvgChart chart = SvgChart.spark(WIDTH, HEIGHT, round, new Axis("", 0, 2, new double[0]), label);
        if (Double.isFinite(before)) {
            chart.segment("before", "", before, 0, before, 2);
        }
        for (Series one : series) {
            double[] values = one.values(group.items(), step, measure);
            double[] ys = new double[values.length];
            Arrays.setAll(ys, i -> (one.slot() == 0 ? 1.5 : 0.55) + SpreadChart.jitter(i) * 0.6);
            chart.dots("dots " + Marks.css(one.slot()), values, ys);
        }
        return chart.toString();
    }
}
