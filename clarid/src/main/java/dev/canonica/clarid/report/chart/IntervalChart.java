package dev.canonica.clarid.report.chart;

import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.stream.DoubleStream;

/** Estimates with their intervals, one below the other, and the single measurements that they are of. */
public final class IntervalChart {
    private static final int WIDTH = 640;
    private static final int ROW = 26;
    private static final int FRAME = 54;

    private IntervalChart() {}

    /**
     * A row.
     *
     * @param low may be −∞, and is then not drawn
     * @param high may be ∞
     * @param single measurements, drawn as dots
     */
    public record Row(String name, double estimate, double low, double high, double[] single) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * The chart.
     *
     * @param label what it shows, for those who cannot see it
     * @param reference a value that is marked by a line; NaN for none
     */
    public static String of(String label, String title, List<Row> rows, double reference) {
        double[] values = rows.stream()
                .flatMapToDouble(r -> DoubleStream.concat(
                        DoubleStream.of(r.estimate, r.low, r.high, reference), DoubleStream.of(r.single)))
                .toArray();
        Axis x = Axis.round(title, values);
        Axis y = new Axis("", 0, rows.size(), new double[0]);
        SvgChart chart = new SvgChart(WIDTH, FRAME + ROW * rows.size(), x, y, label);
        if (Double.isFinite(reference)) {
            chart.segment("axis", " stroke-dasharray=\"3 3\"", reference, 0, reference, rows.size());
        }
        for (int i = 0; i < rows.size(); i++) {
            Row r = rows.get(i);
            double at = rows.size() - i - 0.5;
            if (Double.isFinite(r.low) && Double.isFinite(r.high)) {
                chart.segment("whisker", "", r.low, at, r.high, at);
            }
            for (double v : r.single) {
                chart.dot("dot", v, at - 0.25, 1.8, Numbers.format(v));
            }
            if (Double.isFinite(r.estimate)) {
                chart.mark(0, "", r.estimate, at, 4, r.name + ": " + Numbers.format(r.estimate));
            }
            chart.text("tick", "", x.low(), at, 4, -6, "start", r.name);
        }
        return chart.toString();
    }
}
