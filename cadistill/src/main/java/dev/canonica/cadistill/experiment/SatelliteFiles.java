package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.report.chart.IntervalChart;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.statistics.Bootstrap;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.sweep.ControlCurve;
import dev.canonica.data.Csv;
import dev.canonica.data.named.Satellite;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Results, table and page of the experiment on patches of a satellite's image. A patch's numbers are means over the networks; intervals resample patches, and beside each stands what every network alone has.
 */
final class SatelliteFiles {
    private static final double CHANCE = 1.0 / Satellite.PIXELS;
    private static final int SEED = 1;

    private static final String CONTEXT = "context_variance";
    private static final String CENTRE = "centre_error_difference";
    private static final String RIGHT = "accuracy_difference";
    private static final String CENTRE_RIGHT = "centre_accuracy_difference";
    private static final String REMOVED = "removed_in_centre";
    private static final String CHANGED = "changed_in_centre";

    /** A number with its interval, and that of each network. */
    private record Value(Interval interval, double[] networks) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    private final SatelliteScale scale;
    private final List<SatelliteArm> arms;
    private final List<Map<String, double[][]>> networks = new ArrayList<>();
    private final Map<String, double[][]> mean;
    private final Map<SatelliteArm, Map<String, Value>> measured = new LinkedHashMap<>();
    private final Map<SatelliteArm, List<Value>> directions = new LinkedHashMap<>();
    private final Map<String, Value> untouched = new LinkedHashMap<>();

    /**
     * Of what each network was tried on.
     *
     * @param tried by seed, then by name of what was done
     */
    SatelliteFiles(SatelliteScale scale, List<SatelliteArm> arms, List<Map<String, Tensor>> tried) {
        this.scale = scale;
        this.arms = arms;
        for (Map<String, Tensor> one : tried) {
            Map<String, double[][]> rows = new LinkedHashMap<>();
            one.forEach((name, t) -> rows.put(name, SatelliteTrial.rows(t)));
            networks.add(rows);
        }
        this.mean = new LinkedHashMap<>();
        networks.getFirst().keySet().forEach(name -> mean.put(name, mean(name)));
        for (SatelliteArm arm : SatelliteTrial.decomposed(arms)) {
            List<Value> shares = new ArrayList<>();
            int n = of(mean, SatelliteTrial.directions(arm))[0].length;
            for (int i = 0; i < n; i++) {
                int at = i;
                shares.add(value(rows -> average(of(rows, SatelliteTrial.directions(arm)), row -> row[at])));
            }
            directions.put(arm, shares);
        }
        for (SatelliteArm arm : arms) {
            measured.put(arm, measure(arm));
        }
        for (SatelliteMeasure m : List.of(SatelliteMeasure.RIGHT, SatelliteMeasure.CENTRE_RIGHT)) {
            String named = m.name().toLowerCase(Locale.ROOT);
            untouched.put(
                    SatelliteTrial.ORIGINAL + ", " + named,
                    value(rows -> average(of(rows, SatelliteTrial.ORIGINAL), m)));
            arms.stream()
                    .mapToDouble(SatelliteArm::te)
                    .distinct()
                    .forEach(te -> untouched.put(
                            "%s, %s".formatted(SatelliteTrial.reconstruction(te), named),
                            value(rows -> average(of(rows, SatelliteTrial.reconstruction(te)), m))));
        }
    }

    private double[][] mean(String name) {
        double[][] first = of(networks.getFirst(), name);
        double[][] mean = new double[first.length][first[0].length];
        for (Map<String, double[][]> network : networks) {
            double[][] rows = of(network, name);
            for (int i = 0; i < mean.length; i++) {
                for (int j = 0; j < mean[i].length; j++) {
                    mean[i][j] += rows[i][j] / networks.size();
                }
            }
        }
        return mean;
    }

    private static double[][] of(Map<String, double[][]> rows, String name) {
        return Objects.requireNonNull(rows.get(name), name);
    }

    /** A statistic of some patches, those drawn. */
    private interface Statistic {
        double of(int[] drawn);
    }

    private static Statistic average(double[][] rows, ToDoubleFunction<double[]> measure) {
        return drawn -> ControlCurve.mean(rows, measure, drawn);
    }

    private static Statistic ratio(Statistic a, Statistic b) {
        return drawn -> ControlCurve.ratio(a.of(drawn), b.of(drawn));
    }

    private static Statistic difference(Statistic a, Statistic b) {
        return drawn -> a.of(drawn) - b.of(drawn);
    }

    private Value value(Function<Map<String, double[][]>, Statistic> of) {
        int n = of(mean, SatelliteTrial.ORIGINAL).length;
        int[] all = new int[n];
        Arrays.setAll(all, i -> i);
        Statistic statistic = of.apply(mean);
        Interval interval = Bootstrap.of(n, statistic::of, Interval.LEVEL, ControlCurve.RESAMPLES, SEED);
        return new Value(
                interval,
                networks.stream().mapToDouble(rows -> of.apply(rows).of(all)).toArray());
    }

    private Map<String, Value> measure(SatelliteArm arm) {
        String before = SatelliteTrial.reconstruction(arm.te());
        Map<String, Value> all = new LinkedHashMap<>();
        BiFunction<Map<String, double[][]>, SatelliteMeasure, Statistic> now =
                (rows, m) -> average(of(rows, arm.name()), m);
        BiFunction<Map<String, double[][]>, SatelliteMeasure, Statistic> was =
                (rows, m) -> average(of(rows, before), m);
        all.put(
                CONTEXT,
                value(rows ->
                        ratio(now.apply(rows, SatelliteMeasure.CONTEXT), was.apply(rows, SatelliteMeasure.CONTEXT))));
        all.put("change", value(rows -> now.apply(rows, SatelliteMeasure.CHANGE)));
        all.put(
                CENTRE,
                value(rows -> difference(
                        now.apply(rows, SatelliteMeasure.CENTRE_ERROR),
                        was.apply(rows, SatelliteMeasure.CENTRE_ERROR))));
        all.put(
                REMOVED,
                value(rows -> ratio(
                        now.apply(rows, SatelliteMeasure.CENTRE_REMOVED), now.apply(rows, SatelliteMeasure.REMOVED))));
        all.put(
                CHANGED,
                value(rows -> ratio(
                        now.apply(rows, SatelliteMeasure.CENTRE_CHANGE), now.apply(rows, SatelliteMeasure.CHANGE))));
        all.put(
                RIGHT,
                value(rows ->
                        difference(now.apply(rows, SatelliteMeasure.RIGHT), was.apply(rows, SatelliteMeasure.RIGHT))));
        all.put(
                CENTRE_RIGHT,
                value(rows -> difference(
                        now.apply(rows, SatelliteMeasure.CENTRE_RIGHT),
                        was.apply(rows, SatelliteMeasure.CENTRE_RIGHT))));
        for (Control control : SatelliteArm.controls(arm.te())) {
            String beside = "_to_" + control.id() + "_at_equal_change";
            compare(arm, control, SatelliteMeasure.CONTEXT, ControlCurve.By.RATIO)
                    .ifPresent(v -> all.put(CONTEXT + beside, v));
            compare(arm, control, SatelliteMeasure.CENTRE_ERROR, ControlCurve.By.RATIO)
                    .ifPresent(v -> all.put("centre_error" + beside, v));
            compare(arm, control, SatelliteMeasure.CENTRE_RIGHT, ControlCurve.By.DIFFERENCE)
                    .ifPresent(v -> all.put("centre_accuracy_less_" + control.id() + "_at_equal_change", v));
        }
        return all;
    }

    /** Beside a control at the same mean change; empty where the control does not get there. */
    private Optional<Value> compare(SatelliteArm arm, Control control, SatelliteMeasure measure, ControlCurve.By by) {
        SatelliteMeasure change = SatelliteMeasure.CHANGE;
        Optional<Interval> interval =
                curve(mean, arm, control).compare(of(mean, arm.name()), change, measure, by, SEED);
        double[] each = networks.stream()
                .mapToDouble(rows -> curve(rows, arm, control).estimate(of(rows, arm.name()), change, measure, by))
                .toArray();
        return interval.map(i -> new Value(i, each));
    }

    private static ControlCurve curve(Map<String, double[][]> rows, SatelliteArm arm, Control control) {
        double[][][] grid = new double[control.grid().length][][];
        Arrays.setAll(grid, g -> of(rows, SatelliteTrial.control(control, arm.te(), g)));
        return new ControlCurve(of(rows, SatelliteTrial.reconstruction(arm.te())), grid);
    }

    void write(Path out, Settings settings, String command) {
        AtomicFiles.write(out.resolve("results.json"), json());
        AtomicFiles.write(out.resolve("results.csv"), csv());
        page(settings, command).write(out.resolve("report.html"));
    }

    private static Map<String, Object> map(Value value) {
        Map<String, Object> m = new LinkedHashMap<>(value.interval.toMap());
        m.put(
                "networks",
                Arrays.stream(value.networks).filter(Double::isFinite).boxed().toList());
        return m;
    }

    private String json() {
        List<Map<String, Object>> all = new ArrayList<>();
        directions.forEach((arm, shares) -> {
            Map<String, Object> m = new LinkedHashMap<>();
            m.put("te", arm.te());
            m.put("layer", arm.layer());
            m.put("by_chance", CHANCE);
            m.put("energy_in_centre", shares.stream().map(SatelliteFiles::map).toList());
            all.add(m);
        });
        List<Map<String, Object>> outcomes = new ArrayList<>();
        measured.forEach((arm, values) -> {
            Map<String, Object> m = new LinkedHashMap<>();
            m.put("arm", arm.name());
            Map<String, Object> by = new LinkedHashMap<>();
            values.forEach((name, value) -> by.put(name, map(value)));
            m.put("measures", by);
            outcomes.add(m);
        });
        Map<String, Object> accuracy = new LinkedHashMap<>();
        untouched.forEach((name, value) -> accuracy.put(name, map(value)));
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("directions", all);
        m.put("accuracy", accuracy);
        m.put("outcomes", outcomes);
        return JsonText.write(m);
    }

    private String csv() {
        StringBuilder text = new StringBuilder("arm,measure,estimate,low,high,n\n");
        measured.forEach((arm, values) -> values.forEach((name, value) -> text.append(Csv.row(List.of(
                        arm.name(),
                        name,
                        Double.toString(value.interval.estimate()),
                        Double.toString(value.interval.low()),
                        Double.toString(value.interval.high()),
                        Long.toString(value.interval.count()))))
                .append('\n')));
        return text.toString();
    }

    private static String shown(@Nullable Value value) {
        if (value == null) {
            return "–";
        }
        String each = networksOf(value);
        return "%s [%s, %s]%s"
                .formatted(
                        Numbers.format(value.interval.estimate()),
                        Numbers.format(value.interval.low()),
                        Numbers.format(value.interval.high()),
                        each);
    }

    private static String networksOf(Value value) {
        double low = Arrays.stream(value.networks).min().orElseThrow();
        double high = Arrays.stream(value.networks).max().orElseThrow();
        return value.networks.length < 2 || !(low < high)
                ? ""
                : "; networks %s to %s".formatted(Numbers.format(low), Numbers.format(high));
    }

    private PlainPage page(Settings settings, String command) {
        PlainPage page = new PlainPage(
                "Experiment",
                "The method on patches of a satellite's image",
                "Patches of 3 × 3 pixels in four bands, the class is that of the centre: the eight around it are context. %s trained on %s patches, the method tried on %s others. Intervals of 95 %% over patches."
                        .formatted(
                                Numbers.count(scale.seeds(), "network"),
                                Numbers.plain(Satellite.LEARNED, 0),
                                Numbers.plain(of(mean, SatelliteTrial.ORIGINAL).length, 0)));
        if (scale.id().equals(SatelliteScale.TINY.id())) {
            page.paragraph("The scale is tiny: a test of the experiment itself. These numbers say nothing.");
        }
        directions(page);
        measures(page);
        controls(page);
        page.section(
                "Accuracy of what nothing was removed of",
                "By the five nearest of the learned patches: by all 36 numbers, and by the centre's four.");
        List<List<String>> rows = new ArrayList<>();
        untouched.forEach((name, value) -> rows.add(List.of(name.replace("_", " "), shown(value))));
        page.table(List.of("Patches", "Accuracy"), rows);
        page.section("Settings", "").pairs(settings.shown());
        page.section("Do it again", "The same command goes on where it was stopped.")
                .command(command);
        return page;
    }

    private void directions(PlainPage page) {
        page.section(
                "Where do directions lie?",
                "The share of a direction's energy in the centre pixel. Of a random direction it is a ninth, 0.111: directions of what is extraneous have less.");
        Map<String, String> charts = new LinkedHashMap<>();
        List<List<String>> rows = new ArrayList<>();
        directions.forEach((arm, shares) -> {
            String title = "%s, t_e %s".formatted(arm.layer(), arm.te());
            List<IntervalChart.Row> bars = new ArrayList<>();
            for (int i = 0; i < shares.size(); i++) {
                Interval v = shares.get(i).interval;
                bars.add(new IntervalChart.Row(
                        "direction " + (i + 1), v.estimate(), v.low(), v.high(), shares.get(i).networks));
                rows.add(List.of(title, Integer.toString(i + 1), shown(shares.get(i))));
            }
            charts.put(title, IntervalChart.of(title, "share of the energy in the centre", bars, CHANCE));
        });
        page.charts(charts);
        page.table(List.of("Directions", "i", "Energy in the centre"), rows);
    }

    private void measures(PlainPage page) {
        page.section(
                "What is removed, and what is kept?",
                "Context variance: of the eight neighbours about their mean, relative to the reconstructions'. Centre error: the mean squared difference to the original's centre, less that of the reconstructions, in variances of a band. Accuracy likewise, less that of the reconstructions. Removed, changed in the centre: shares, a ninth of what is spread evenly.");
        List<String> names = List.of(CONTEXT, CENTRE, RIGHT, CENTRE_RIGHT, REMOVED, CHANGED);
        table(page, names);
    }

    private void controls(PlainPage page) {
        page.section(
                "Beside controls at equal change",
                "Below 1 the method leaves less of the context's variance, or less error in the centre, than the control that changes patches as much on average; a dash where the control cannot. The oracle fades all but the centre: it knows what the method has to find.");
        for (String measure : List.of(CONTEXT + "_to_", "centre_error_to_", "centre_accuracy_less_")) {
            List<String> names = Arrays.stream(Control.values())
                    .map(c -> measure + c.id() + "_at_equal_change")
                    .filter(name -> measured.values().stream().anyMatch(v -> v.containsKey(name)))
                    .toList();
            if (!names.isEmpty()) {
                table(page, names);
            }
        }
    }

    private void table(PlainPage page, List<String> names) {
        List<String> head = new ArrayList<>(List.of("Setting"));
        names.forEach(name -> head.add(name.replace('_', ' ')));
        List<List<PlainPage.Cell>> rows = new ArrayList<>();
        for (SatelliteArm arm : arms) {
            List<PlainPage.Cell> cells = new ArrayList<>(List.of(PlainPage.Cell.of(arm.name())));
            for (String name : names) {
                Value value = Objects.requireNonNull(measured.get(arm)).get(name);
                cells.add(new PlainPage.Cell(shown(value), value == null ? Double.NaN : value.interval.estimate()));
            }
            rows.add(cells);
        }
        page.sortable(head, rows, -1);
    }
}
