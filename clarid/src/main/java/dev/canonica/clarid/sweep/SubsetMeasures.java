package dev.canonica.clarid.sweep;

import dev.canonica.clarid.metrics.Knn;
import dev.canonica.clarid.metrics.Nmi;
import dev.canonica.clarid.statistics.Bootstrap;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Jackknife;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Paired;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.study.FeatureClusters;
import dev.canonica.clarid.study.ImageMeasure;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** The measures of settings on some of the images, each with its interval. */
final class SubsetMeasures {
    private final SweepPlan plan;
    private final SweepStore store;
    private final int[] images;
    private final int[] labels;
    private final int[] backgrounds;
    private final Map<String, Map<String, Interval>> originals = new HashMap<>(); // shared by settings

    /**
     * On a subset.
     *
     * @param images places in the store
     */
    SubsetMeasures(SweepPlan plan, SweepStore store, int[] images) {
        this.plan = plan;
        this.store = store;
        this.images = images.clone();
        this.labels = pick(store.integers(SweepStore.LABEL));
        this.backgrounds = pick(store.integers(SweepStore.BACKGROUND));
    }

    private int[] pick(int[] all) {
        return Arrays.stream(images).map(i -> all[i]).toArray();
    }

    private double[][] pick(double[][] all) {
        return Arrays.stream(images).mapToObj(i -> all[i]).toArray(double[][]::new);
    }

    private long seed() {
        return plan.svd().seed();
    }

    /** Everything of a setting. */
    Map<String, Interval> of(int number) {
        if (images.length == 0) {
            return Map.of();
        }
        SweepSetting setting = plan.settings().get(number);
        double[][] rows = pick(store.versions(SweepStore.setting(number))[0]);
        Map<String, Interval> all = new LinkedHashMap<>(of(rows, plan.level(setting)));
        if (setting.projection().counts()) {
            double[] k = store.numbers(SweepStore.k(number));
            all.put(
                    "removed",
                    Means.of(Arrays.stream(images).mapToDouble(i -> k[i]).toArray()));
        }
        agreement(SweepStore.setting(number), "", all);
        originals
                .computeIfAbsent(SweepStore.original(plan.trLevel(setting), setting.featureLayer()), name -> {
                    Map<String, Interval> of = new LinkedHashMap<>();
                    agreement(name, "original_", of);
                    return of;
                })
                .forEach(all::put);
        return all;
    }

    /** What images measure, and beside the controls at a level of t_e. */
    Map<String, Interval> of(double[][] rows, int level) {
        Map<String, Interval> all = new LinkedHashMap<>();
        double[][] reconstruction = pick(store.versions(SweepStore.reconstruction(level))[0]);
        all.put("change", mean(rows, ImageMeasure.CHANGE));
        all.put(name(ImageMeasure.VARIANCE), ratio(rows, reconstruction, ImageMeasure.VARIANCE));
        all.put(name(ImageMeasure.VARIATION), ratio(rows, reconstruction, ImageMeasure.VARIATION));
        all.put(name(ImageMeasure.SSIM), mean(rows, ImageMeasure.SSIM));
        all.put(name(ImageMeasure.COLOUR), mean(rows, ImageMeasure.COLOUR));
        boolean judged = rows.length > 0 && !Double.isNaN(ImageMeasure.RIGHT.in(rows[0]));
        if (judged) {
            all.put("accuracy", Proportion.of(right(rows)).wilson());
            all.put(
                    "accuracy_difference",
                    Paired.of(right(reconstruction), right(rows)).difference());
            all.put(
                    "log_probability_difference",
                    Means.ofDifferences(
                            column(reconstruction, ImageMeasure.LOG_PROBABILITY),
                            column(rows, ImageMeasure.LOG_PROBABILITY)));
        }
        for (Control control : plan.controls()) {
            String stored = SweepStore.control(control, level);
            if (store.has(stored)) {
                double[][][] grid =
                        Arrays.stream(store.versions(stored)).map(this::pick).toArray(double[][][]::new);
                beside(control, new ControlCurve(reconstruction, grid), rows, judged, all);
            }
        }
        return all;
    }

    private void beside(
            Control control, ControlCurve curve, double[][] rows, boolean judged, Map<String, Interval> all) {
        String id = control.id();
        ControlCurve.By ratio = ControlCurve.By.RATIO;
        ControlCurve.By difference = ControlCurve.By.DIFFERENCE;
        ImageMeasure ssim = ImageMeasure.SSIM;
        ImageMeasure change = ImageMeasure.CHANGE;
        String variance = name(ImageMeasure.VARIANCE);
        put(all, atEqualSsim(variance, id), curve, rows, ssim, ImageMeasure.VARIANCE, ratio);
        put(all, atEqualSsim(name(ImageMeasure.VARIATION), id), curve, rows, ssim, ImageMeasure.VARIATION, ratio);
        put(all, variance + "_to_" + id + "_at_equal_change", curve, rows, change, ImageMeasure.VARIANCE, ratio);
        put(all, name(ssim) + "_less_" + id + "_at_equal_change", curve, rows, change, ssim, difference);
        if (judged) {
            put(
                    all,
                    "log_probability_less_" + id + "_at_equal_ssim",
                    curve,
                    rows,
                    ssim,
                    ImageMeasure.LOG_PROBABILITY,
                    difference);
        }
    }

    private void put(
            Map<String, Interval> all,
            String name,
            ControlCurve curve,
            double[][] rows,
            ImageMeasure equal,
            ImageMeasure measured,
            ControlCurve.By by) {
        curve.compare(rows, equal, measured, by, seed()).ifPresent(i -> all.put(name, i));
    }

    /** The name of a ratio to a control's. */
    static String atEqualSsim(String measure, String control) {
        return measure + "_to_" + control + "_at_equal_ssim";
    }

    private String name(ImageMeasure measure) {
        return measure.id(plan.masked());
    }

    private Interval mean(double[][] rows, ImageMeasure measure) {
        return Means.of(column(rows, measure));
    }

    private static double[] column(double[][] rows, ImageMeasure measure) {
        return Arrays.stream(rows).mapToDouble(measure::in).toArray();
    }

    private static boolean[] right(double[][] rows) {
        boolean[] right = new boolean[rows.length];
        for (int i = 0; i < right.length; i++) {
            right[i] = ImageMeasure.RIGHT.in(rows[i]) == 1;
        }
        return right;
    }

    /** The sum over images, as a share of the reconstructions'. */
    private Interval ratio(double[][] rows, double[][] reconstruction, ImageMeasure measure) {
        ToDoubleFunction<int[]> statistic = drawn -> ControlCurve.ratio(
                ControlCurve.mean(rows, measure, drawn), ControlCurve.mean(reconstruction, measure, drawn));
        return Bootstrap.of(rows.length, statistic, Interval.LEVEL, ControlCurve.RESAMPLES, seed());
    }

    /** How clusters and neighbours of features agree with classes and with families of backgrounds. */
    private void agreement(String features, String prefix, Map<String, Interval> all) {
        for (String condition : List.of("unconditional", "conditional")) {
            String stored = condition.equals("conditional")
                    ? SweepStore.features(features)
                    : SweepStore.unconditional(features);
            if (!store.has(stored) || images.length < 3) {
                continue;
            }
            double[][] x = pick(store.rows(stored));
            agreement(x, labels, prefix + "%s_" + condition + "_class", all);
            if (Arrays.stream(backgrounds).noneMatch(b -> b < 0)) {
                agreement(x, backgrounds, prefix + "%s_" + condition + "_background", all);
            }
        }
    }

    private void agreement(double[][] x, int[] truth, String name, Map<String, Interval> all) {
        int kinds = (int) Arrays.stream(truth).distinct().count();
        if (kinds < 2) {
            return;
        }
        FeatureClusters of = FeatureClusters.of(x, Math.min(kinds, x.length), seed());
        all.put(name.formatted("nmi"), interval(of.clusters(), truth, Nmi::nmi));
        all.put(name.formatted("ami"), interval(of.clusters(), truth, Nmi::ami));
        double chance = chance(of.clusters(), truth);
        all.put(name.formatted("nmi_by_chance"), new Interval(chance, chance, chance, Interval.LEVEL, x.length));
        all.put(
                name.formatted("knn"),
                new Proportion(Math.round(Knn.accuracy(of.nearest(truth), truth) * x.length), x.length).wilson());
    }

    /** An agreement of two labellings. */
    private interface Agreement {
        double of(int[] a, int[] b);
    }

    /** Images are left out one at a time, clusters stay: that other images would have other clusters is not in the interval. */
    private static Interval interval(int[] clusters, int[] truth, Agreement agreement) {
        return Jackknife.of(
                clusters.length,
                drawn -> agreement.of(
                        Arrays.stream(drawn).map(i -> clusters[i]).toArray(),
                        Arrays.stream(drawn).map(i -> truth[i]).toArray()));
    }

    /** The mean NMI of these clusters and the labels in random order. */
    private static double chance(int[] clusters, int[] truth) {
        double most = (entropy(clusters) + entropy(truth)) / 2;
        return most == 0 ? 0 : Nmi.expectedMutualInformation(clusters, truth) / most;
    }

    private static double entropy(int[] labels) {
        double n = labels.length;
        return Arrays.stream(labels)
                .boxed()
                .collect(Collectors.groupingBy(i -> i, TreeMap::new, Collectors.counting()))
                .values()
                .stream()
                .mapToDouble(count -> -count / n * Math.log(count / n))
                .sum();
    }
}
