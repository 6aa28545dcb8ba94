package dev.canonica.clarid.sweep;

import dev.canonica.clarid.statistics.Bootstrap;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Paired;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.study.ImageMeasure;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The measures of settings on some of the images, each with its interval. */
final class SubsetMeasures {
    private final SweepPlan plan;
    private final SweepStore store;
    private final int[] images;
    private final FeatureAgreement agreement;

    /**
     * On a subset.
     *
     * @param images places in the store
     */
    SubsetMeasures(SweepPlan plan, SweepStore store, int[] images) {
        this.plan = plan;
        this.store = store;
        this.images = images.clone();
        this.agreement = new FeatureAgreement(plan, store, images);
    }

    private double[][] pick(double[][] all) {
        return SweepStore.pick(all, images);
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
        all.putAll(agreement.of(SweepStore.setting(number)));
        all.putAll(agreement.beside(number, rows));
        agreement.of(agreement.original(setting)).forEach((name, value) -> all.put("original_" + name, value));
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
                beside(control, store.curve(stored, level, images), rows, judged, all);
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
}
