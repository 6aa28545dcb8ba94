package dev.canonica.clarid.report.chart;

import dev.canonica.clarid.report.data.Directions;
import dev.canonica.clarid.report.data.Group;
import dev.canonica.clarid.report.data.Item;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.data.ReportData;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** Charts of singular values, of the variance they explain, and of its elbow. */
public final class SpectrumCharts {
    private static final int WIDTH = 360;
    private static final int HEIGHT = 225;

    private SpectrumCharts() {}

    /** σ_i / σ_1: the median over the images, with a band from quartile to quartile. */
    public static String values(ReportData data) {
        Spread spread = Spread.of(
                data.n(),
                i -> data.items().stream()
                        .mapToDouble(item -> entry(item.directions().sigma(), i)
                                / item.directions().sigma()[0])
                        .toArray());
        return banded(spread, Axis.round("", 0, 1), "σ of direction i, as a share of the largest", "direction, i");
    }

    /** S_k: the median over the images, with a band from quartile to quartile. */
    public static String explained(ReportData data) {
        Spread spread = Spread.of(
                data.n(),
                i -> data.items().stream()
                        .mapToDouble(item -> entry(item.directions().explained(), i))
                        .toArray());
        return banded(spread, Axis.round("", 0, 1), "Share of the variance that k directions explain", "directions, k");
    }

    /** How many images have their elbow at each k. */
    public static String elbows(ReportData data) {
        int n = data.n();
        int[] counts = new int[n + 1];
        data.items().forEach(item -> counts[item.directions().elbow()]++);
        int most = Arrays.stream(counts).max().orElseThrow();
        Axis y = Axis.round("", 0, Math.max(5, 1.1 * most));
        SvgChart chart = new SvgChart(WIDTH, HEIGHT, Axis.integers("elbow, k", 1, n), y, "Number of images by elbow");
        for (int k = 1; k <= n; k++) {
            if (counts[k] > 0) {
                chart.box("bar", "", k - 0.36, 0, k + 0.36, counts[k]);
                chart.text("tick", "", k, counts[k], 0, -4, "middle", Integer.toString(counts[k]));
            }
        }
        return chart.toString();
    }

    /** One image: its singular values as bars, the share explained as a line, and where it says something the elbow as a dot. */
    public static String small(Item item, boolean withElbow) {
        Directions directions = item.directions();
        int n = directions.n();
        Axis x = new Axis("", 0.4, n + 0.6, new double[0]);
        Axis y = new Axis("", 0, 1.05, new double[0]);
        String label = "%s: singular values as shares of the largest, %s%s"
                .formatted(
                        item.name(),
                        list(directions.sigma()),
                        withElbow ? "; the elbow of the explained variance at k = " + directions.elbow() : "");
        SvgChart chart = SvgChart.spark(150, 74, x, y, label);
        double[] ks = new double[n];
        double[] shares = directions.explained();
        for (int i = 0; i < n; i++) {
            ks[i] = i + 1;
            double relative = directions.sigma()[i] / directions.sigma()[0];
            if (Double.isFinite(relative)) {
                chart.box("bar", "", i + 0.66, 0, i + 1.34, Math.clamp(relative, 0, 1));
            }
        }
        chart.line("s0", ks, shares);
        int elbow = directions.elbow();
        double share = shares[elbow - 1];
        if (withElbow && Double.isFinite(share)) {
            chart.mark(0, "", elbow, share, 3.2, "elbow at k = " + elbow);
            chart.text("tick", "", elbow, share, 6, 12, "start", Integer.toString(elbow));
        }
        return chart.toString();
    }

    /**
     * A number of each direction, its share on the background for example: median and quartiles by i, one chart for each group,
     * all on the same axes.
     */
    public static Map<Group, String> byDirection(List<Group> groups, String name, int n) {
        List<Spread> spreads = new ArrayList<>();
        double[] ends = {0};
        for (Group group : groups) {
            Spread spread = Spread.of(
                    n,
                    i -> group.items().stream()
                            .mapToDouble(item -> {
                                double[] all = item.directions().measures().get(name);
                                return all == null ? Double.NaN : entry(all, i);
                            })
                            .toArray());
            spreads.add(spread);
            ends = Stream.of(ends, spread.lows(), spread.highs())
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
        }
        Map<Group, String> charts = new LinkedHashMap<>();
        for (int g = 0; g < groups.size(); g++) {
            Group group = groups.get(g);
            if (spreads.get(g).known()) {
                String label = name + ", " + group.heading();
                charts.put(group, banded(spreads.get(g), Axis.round("", ends), label, "direction, i"));
            }
        }
        return charts;
    }

    /** Quartiles of many images by direction, NaN where nothing is known. */
    private record Spread(double[] lows, double[] medians, double[] highs) {

        static Spread of(int n, IntFunction<double[]> values) {
            Spread spread = new Spread(new double[n], new double[n], new double[n]);
            for (int i = 0; i < n; i++) {
                double[] all = values.apply(i);
                spread.lows[i] = Numbers.quantile(all, 0.25);
                spread.medians[i] = Numbers.median(all);
                spread.highs[i] = Numbers.quantile(all, 0.75);
            }
            return spread;
        }

        boolean known() {
            return Arrays.stream(medians).anyMatch(Double::isFinite);
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    private static String banded(Spread spread, Axis y, String label, String xTitle) {
        int n = spread.medians().length;
        double[] xs = new double[n];
        Arrays.setAll(xs, i -> i + 1);
        SvgChart chart = new SvgChart(WIDTH, HEIGHT, Axis.integers(xTitle, 1, n), y, label);
        chart.band("s0", xs, spread.lows(), spread.highs()).line("s0", xs, spread.medians());
        for (int i = 0; i < n; i++) {
            double median = spread.medians()[i];
            if (Double.isFinite(median)) {
                String hint = "%s: median %s, quartiles %s and %s"
                        .formatted(
                                i + 1,
                                Numbers.format(median),
                                Numbers.format(spread.lows()[i]),
                                Numbers.format(spread.highs()[i]));
                chart.mark(0, "", xs[i], median, 3, hint);
            }
        }
        return chart.toString();
    }

    private static String list(double[] sigma) {
        List<String> shares =
                Arrays.stream(sigma).mapToObj(s -> Numbers.format(s / sigma[0])).toList();
        return String.join(", ", shares);
    }

    private static double entry(double[] values, int index) {
        return index < values.length ? values[index] : Double.NaN;
    }
}
