package dev.canonica.clarid.report.chart;

import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Two measures against each other: points that are compared, and curves that they are compared with. */
public final class PointChart {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 360;

    private PointChart() {}

    /** A point with a text that appears under the pointer. */
    public record Point(String name, double x, double y, boolean marked) {}

    /**
     * The chart with its legend.
     *
     * @param label what it shows, for those who cannot see it
     * @param points of the first series; those that are marked are named
     * @param curves of the others
     */
    public static String of(
            String label, String x, String y, String series, List<Point> points, List<CurveChart.Curve> curves) {
        double[] xs = DoubleStream.concat(
                        points.stream().mapToDouble(Point::x),
                        curves.stream().flatMapToDouble(c -> DoubleStream.of(c.xs())))
                .toArray();
        double[] ys = DoubleStream.concat(
                        points.stream().mapToDouble(Point::y),
                        curves.stream().flatMapToDouble(c -> DoubleStream.of(c.ys())))
                .toArray();
        SvgChart chart = new SvgChart(WIDTH, HEIGHT, Axis.round(x, xs), Axis.round(y, ys), label);
        List<Series> legend = new ArrayList<>(List.of(new Series(series, 0)));
        for (CurveChart.Curve curve : curves) {
            int slot = legend.size();
            legend.add(new Series(curve.name(), slot));
            chart.line(Marks.css(slot), curve.xs(), curve.ys());
            for (int i = 0; i < curve.xs().length; i++) {
                chart.mark(slot, "", curve.xs()[i], curve.ys()[i], 2.4, curve.name());
            }
        }
        for (Point p : points) {
            if (Double.isFinite(p.x) && Double.isFinite(p.y)) {
                String hint = "%s: %s, %s".formatted(p.name, Numbers.format(p.x), Numbers.format(p.y));
                chart.mark(0, "", p.x, p.y, p.marked ? 5.5 : 3.4, hint);
                if (p.marked) {
                    chart.text("key now", "", p.x, p.y, 8, -8, "start", "chosen");
                }
            }
        }
        return Marks.legend(legend) + chart;
    }
}
