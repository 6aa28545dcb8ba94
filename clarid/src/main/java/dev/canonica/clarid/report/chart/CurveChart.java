package dev.canonica.clarid.report.chart;

import dev.canonica.clarid.report.data.Series;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Curves of several series over one axis, such as losses over epochs. */
public final class CurveChart {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 320;

    private CurveChart() {}

    /**
     * A curve; points that are not finite break it.
     *
     * @param name for the legend
     * @param xs ascending
     * @param ys as many
     */
    public record Curve(String name, double[] xs, double[] ys) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * The chart with its legend, where there are several curves.
     *
     * @param label what it shows, for those who cannot see it
     */
    public static String of(String label, String x, String y, List<Curve> curves) {
        Axis across = Axis.round(x, flat(curves.stream().map(Curve::xs).toList()));
        Axis up = Axis.round(y, flat(curves.stream().map(Curve::ys).toList()));
        SvgChart chart = new SvgChart(WIDTH, HEIGHT, across, up, label);
        for (int i = curves.size() - 1; i >= 0; i--) {
            Curve c = curves.get(i);
            chart.line(Marks.css(i), c.xs, c.ys);
            int last = c.xs.length - 1;
            if (last >= 0 && Double.isFinite(c.ys[last])) {
                chart.mark(i, "", c.xs[last], c.ys[last], 3, c.name);
            }
        }
        return (curves.size() > 1 ? Marks.legend(series(curves)) : "") + chart;
    }

    private static List<Series> series(List<Curve> curves) {
        List<Series> series = new ArrayList<>();
        for (Curve c : curves) {
            series.add(new Series(c.name, series.size()));
        }
        return series;
    }

    private static double[] flat(List<double[]> all) {
        return all.stream().flatMapToDouble(DoubleStream::of).toArray();
    }
}
