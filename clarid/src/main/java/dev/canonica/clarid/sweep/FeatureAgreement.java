package dev.canonica.clarid.sweep;

import dev.canonica.clarid.metrics.Knn;
import dev.canonica.clarid.metrics.Nmi;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Jackknife;
import dev.canonica.clarid.statistics.Polyline;
import dev.canonica.clarid.statistics.Proportion;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.study.FeatureClusters;
import dev.canonica.clarid.study.ImageMeasure;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How clusters and neighbours of features agree with classes and with families of backgrounds, on some of the images of a sweep. */
final class FeatureAgreement {
    private static final String UNCONDITIONAL = "unconditional";
    private static final List<String> CONDITIONS = List.of(UNCONDITIONAL, "conditional");

    private final SweepPlan plan;
    private final SweepStore store;
    private final int[] images;
    private final Map<String, int[]> truths = new LinkedHashMap<>(); // by what they are of
    private final Map<String, Map<String, Interval>> known =
            new HashMap<>(); // settings share those of the images themselves
    private final Map<String, Against> against = new HashMap<>(); // settings share controls
    private final Map<String, FeatureClusters> clusterings =
            new HashMap<>(); // classes and backgrounds share those of as many clusters

    /**
     * On a subset.
     *
     * @param images places in the store
     */
    FeatureAgreement(SweepPlan plan, SweepStore store, int[] images) {
        this.plan = plan;
        this.store = store;
        this.images = images.clone();
        truths.put("class", SweepStore.pick(store.integers(SweepStore.LABEL), images));
        int[] backgrounds = SweepStore.pick(store.integers(SweepStore.BACKGROUND), images);
        if (Arrays.stream(backgrounds).noneMatch(b -> b < 0)) {
            truths.put("background", backgrounds);
        }
        // Of one image of each kind any clusters agree with everything, as of one kind.
        truths.values().removeIf(truth -> images.length < 3 || kinds(truth) < 2 || kinds(truth) == images.length);
    }

    private static int kinds(int[] truth) {
        return (int) Arrays.stream(truth).distinct().count();
    }

    /** The name of the features of the images themselves where a setting takes its own. */
    String original(SweepSetting setting) {
        return SweepStore.original(plan.trLevel(setting), setting.featureLayer());
    }

    /** Every measure of features of a name, of those under no condition first. */
    Map<String, Interval> of(String features) {
        return known.computeIfAbsent(features, name -> {
            Map<String, Interval> all = new LinkedHashMap<>();
            for (String condition : CONDITIONS) {
                truths.keySet()
                        .forEach(kind -> against(name, condition, kind)
                                .ifPresent(of -> of.measures("%s_" + condition + "_" + kind, all)));
            }
            return all;
        });
    }

    /**
     * Of a setting, less those of controls where their curves have the same mean SSIM: AMI and neighbours of features under no condition, which do not know
     * the label, or under the class where there are no others.
     *
     * @param rows measures of the images under the setting [N][M]
     */
    Map<String, Interval> beside(int number, double[][] rows) {
        SweepSetting setting = plan.settings().get(number);
        String condition = plan.canDrop() ? UNCONDITIONAL : CONDITIONS.getLast();
        Map<String, Interval> all = new LinkedHashMap<>();
        for (Control control : SweepPlan.FEATURED) {
            String stored = SweepStore.control(control, plan.level(setting));
            if (!plan.controls().contains(control) || !store.has(stored)) {
                continue;
            }
            ControlCurve curve = store.curve(stored, plan.level(setting), images);
            truths.keySet().forEach(kind -> {
                List<Against> points = IntStream.range(0, control.grid().length)
                        .mapToObj(g -> g == 0
                                ? original(setting)
                                : SweepStore.featured(stored, g, plan.trLevel(setting), setting.featureLayer()))
                        .flatMap(name -> against(name, condition, kind).stream())
                        .toList();
                Optional<Against> own = against(SweepStore.setting(number), condition, kind);
                if (own.isPresent()
                        && points.size() == control.grid().length
                        && curve.reaches(rows, ImageMeasure.SSIM)) {
                    Map<String, ToDoubleBiFunction<Against, int[]>> measures = new LinkedHashMap<>();
                    measures.put("ami", Against::ami);
                    measures.put("knn", Against::accuracy);
                    measures.forEach((measure, value) -> all.put(
                            "%s_%s_%s_less_%s_at_equal_ssim".formatted(measure, condition, kind, control.id()),
                            Jackknife.of(
                                    images.length,
                                    drawn -> value.applyAsDouble(own.get(), drawn)
                                            - Polyline.at(
                                                    ControlCurve.mean(rows, ImageMeasure.SSIM, drawn),
                                                    curve.points(ImageMeasure.SSIM, drawn),
                                                    point -> value.applyAsDouble(points.get(point), drawn)))));
                }
            });
        }
        return all;
    }

    /** Features beside what they may agree with, each clustering made once; empty where there are no such features. */
    private Optional<Against> against(String features, String condition, String kind) {
        String stored =
                condition.equals(UNCONDITIONAL) ? SweepStore.unconditional(features) : SweepStore.features(features);
        return store.has(stored)
                ? Optional.of(against.computeIfAbsent(stored + "/" + kind, _ -> {
                    int[] truth = Objects.requireNonNull(truths.get(kind));
                    return new Against(clusters(stored, Math.min(kinds(truth), images.length)), truth);
                }))
                : Optional.empty();
    }

    private FeatureClusters clusters(String stored, int count) {
        return clusterings.computeIfAbsent(
                stored + "/" + count,
                _ -> FeatureClusters.of(
                        SweepStore.pick(store.rows(stored), images),
                        count,
                        plan.svd().seed()));
    }

    /** The features of the images, and what they may agree with. */
    private static final class Against {
        private final int[] truth;
        private final int[] clusters;
        private final int[] nearest;

        Against(FeatureClusters of, int[] truth) {
            this.truth = truth;
            this.clusters = of.clusters();
            this.nearest = of.nearest(truth);
        }

        double ami(int[] drawn) {
            return Nmi.ami(SweepStore.pick(clusters, drawn), SweepStore.pick(truth, drawn));
        }

        /** The share of those that their nearest neighbours are right about. */
        double accuracy(int[] drawn) {
            return (double) Arrays.stream(drawn)
                            .filter(i -> nearest[i] == truth[i])
                            .count()
                    / drawn.length;
        }

        /**
         * All of it.
         *
         * @param name of a measure, but for the measure
         */
        void measures(String name, Map<String, Interval> all) {
            int n = truth.length;
            all.put(name.formatted("nmi"), interval(Nmi::nmi));
            all.put(name.formatted("ami"), interval(Nmi::ami));
            double chance = chance();
            all.put(name.formatted("nmi_by_chance"), new Interval(chance, chance, chance, Interval.LEVEL, n));
            all.put(name.formatted("knn"), new Proportion(Math.round(Knn.accuracy(nearest, truth) * n), n).wilson());
        }

        /** Images are left out one at a time, clusters stay: that other images would have other clusters is not in the interval. */
        private Interval interval(ToDoubleBiFunction<int[], int[]> agreement) {
            return Jackknife.of(
                    truth.length,
                    drawn -> agreement.applyAsDouble(SweepStore.pick(clusters, drawn), SweepStore.pick(truth, drawn)));
        }

        /** The mean NMI of these clusters and the labels in random order. */
        private double chance() {
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
}
