package dev.canonica.clarid.sweep;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.ClassEvidence;
import dev.canonica.clarid.EvidenceMap;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.LatentAnalysis;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.Replacement;
import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.study.IdleCondition;
import dev.canonica.clarid.study.ImageBatch;
import dev.canonica.clarid.study.ImageMeasure;
import dev.canonica.clarid.study.ImageMeasures;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All settings of a sweep on a batch of images. What settings share is done once: one way up to all levels; at each, the reconstruction and the controls; for each
 * Jacobian there, one decomposition, of the greatest n; for each thing removed, one way down, which passes all t_r.
 */
final class SweepBatch {
    private static final int MEASURES = ImageMeasure.values().length;

    private final SweepPlan plan;
    private final ImageBatch batch;
    private final Condition c;
    private final Map<String, FeatureSketch> sketches;
    private final List<float @Nullable []> masks;
    private final List<Pixels> originals = new ArrayList<>();
    private final List<ImageMeasures> measures = new ArrayList<>();
    private final Map<String, Supplier<Tensor>> arrays = new LinkedHashMap<>(); // made when all scopes have ended
    private final Map<EvidenceMap, double[][]> maps = new LinkedHashMap<>(); // the same at all levels
    private final int shown;

    /**
     * A batch.
     *
     * @param sketches by layer, kept from batch to batch
     */
    SweepBatch(SweepPlan plan, ImageBatch batch, Map<String, FeatureSketch> sketches) {
        this.plan = plan;
        this.batch = batch;
        this.c = plan.conditionOf(batch.indices());
        this.sketches = sketches;
        this.masks = batch.masks();
        int kept = 0;
        for (int b = 0; b < batch.size(); b++) {
            originals.add(batch.pixels(b));
            measures.add(new ImageMeasures(originals.get(b), masks.get(b)));
            kept += batch.indices().get(b) < plan.pictures() ? 1 : 0;
        }
        this.shown = kept;
    }

    /** The batch's arrays, by the names of {@link SweepStore}. */
    Map<String, Tensor> arrays() {
        put(SweepStore.INDEX, batch.index());
        put(SweepStore.LABEL, batch.labels());
        put(
                SweepStore.BACKGROUND,
                batch.each(i -> batch.set() instanceof MaskedImageSet masked ? masked.background(i) : -1));
        picture(SweepStore.ORIGINAL, originals);
        Tensor x0 = plan.codec().encode(batch.tensor(plan.model().dtype()));
        int[] levels = plan.levels().toArray();
        CanonicalExtraction any = plan.method(levels[0], plan.settings().getFirst(), 1);
        List<Tensor> latents = plan.sampler().invert(any.denoiser(c), x0, levels, plan.inversion());
        for (int i = 0; i < levels.length; i++) {
            int level = levels[i];
            keep(sketched(level, layersAt(level), latents.get(i)), layer -> SweepStore.original(level, layer));
        }
        for (SweepSetting s : plan.settings()) {
            s.projection().recipe().ifPresent(recipe -> map(recipe, any, x0));
        }
        if (plan.controls().contains(Control.LOCAL_SHRINK) || plan.controls().contains(Control.LOCAL_SHRINK_NORM)) {
            EvidenceMap recipe = EvidenceMap.DEFAULT.fitting(plan.model());
            if (recipe.classes() > 0 ? c.given().containsKey(Condition.CLASSES) : plan.canDrop()) {
                map(recipe, any, x0);
            }
        }
        for (int level : plan.teLevels()) {
            new AtLevel(level, x0, latents.get(Arrays.binarySearch(levels, level))).measure();
        }
        Map<String, Tensor> all = new LinkedHashMap<>();
        arrays.forEach((name, of) -> all.put(name, of.get()));
        return all;
    }

    private void map(EvidenceMap recipe, CanonicalExtraction any, Tensor x0) {
        maps.computeIfAbsent(recipe, r -> {
            try (Scope _ = Scope.open()) {
                return r.of(any, x0, c);
            }
        });
    }

    private void put(String name, long[] values) {
        arrays.put(name, () -> Tensor.of(values, values.length));
    }

    private void put(String name, double[] values, int... dims) {
        arrays.put(name, () -> Tensor.of(values, dims));
    }

    /** Whose features are taken at a level of t_r. */
    private TreeSet<String> layersAt(int trLevel) {
        return layers(
                plan.settings().stream().filter(s -> plan.trLevel(s) == trLevel).toList());
    }

    private static TreeSet<String> layers(List<SweepSetting> settings) {
        return settings.stream().map(SweepSetting::featureLayer).collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * Sketches of features, of all images one after the other.
     *
     * @param dropped under no condition
     */
    private record Sketched(String layer, boolean dropped, float[] values) {
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /** Sketches of the features at a latent, under the condition and under none. */
    private List<Sketched> sketched(int level, TreeSet<String> layers, Tensor x) {
        List<Sketched> all = new ArrayList<>();
        if (layers.isEmpty()) {
            return all;
        }
        Tensor t = DenoisingModel.timeOfAll(plan.sampler().time(level), c.size());
        sketch(plan.model().features(Var.constant(x), t, c, layers), false, all);
        if (plan.canDrop()) {
            sketch(plan.model().features(Var.constant(x), t, c.dropped(), layers), true, all);
        }
        return all;
    }

    private void sketch(Map<String, Var> features, boolean dropped, List<Sketched> all) {
        features.forEach((layer, of) -> {
            Tensor own = of.value();
            FeatureSketch sketch = sketches.computeIfAbsent(
                    layer,
                    l -> new FeatureSketch(
                            Math.toIntExact(own.size() / own.dim(0)), plan.svd().seed()));
            all.add(new Sketched(layer, dropped, sketch.of(own.toFloats(), batch.size())));
        });
    }

    private void keep(List<Sketched> all, UnaryOperator<String> name) {
        for (Sketched s : all) {
            String called = name.apply(s.layer);
            arrays.put(
                    s.dropped ? SweepStore.unconditional(called) : SweepStore.features(called),
                    () -> Tensor.of(s.values, batch.size(), s.values.length / batch.size()));
        }
    }

    private void picture(String name, List<Pixels> images) {
        if (shown == 0) {
            return;
        }
        byte[][] all = new byte[shown][];
        Arrays.setAll(all, b -> ImageBatch.picture(images.get(b)).pixels());
        byte[] joined = new byte[shown * all[0].length];
        for (int b = 0; b < shown; b++) {
            System.arraycopy(all[b], 0, joined, b * all[0].length, all[0].length);
        }
        Pixels first = images.getFirst();
        arrays.put(
                SweepStore.picture(name),
                () -> Tensor.of(joined, shown, first.height(), first.width(), first.channels()));
    }

    /** Everything at one level of t_e. */
    private final class AtLevel {
        private final int level;
        private final Tensor x0;
        private final Tensor latent;
        private final CanonicalPipeline plain;
        private final Control.Latents latents;
        private final List<Pixels> reconstruction;

        AtLevel(int level, Tensor x0, Tensor latent) {
            this.level = level;
            this.x0 = x0;
            this.latent = latent;
            SweepSetting first = plan.settings().getFirst();
            CanonicalExtraction method = plan.method(level, first, first.n());
            this.plain = pipeline(method, new Projection.TopK(), Replacement.NOTHING, Guidance.NONE);
            LatentAnalysis analysis = new LatentAnalysis(method, x0, latent, c);
            maps.forEach(analysis::knowing);
            EvidenceMap recipe = EvidenceMap.DEFAULT.fitting(plan.model());
            this.latents = new Control.Latents(
                    plain,
                    latent,
                    c,
                    batch.indices().getFirst(),
                    plan.svd().seed(),
                    () -> analysis.weights(recipe),
                    masks);
            this.reconstruction = decoded(() -> plain.decode(latent, c));
        }

        private static CanonicalPipeline pipeline(
                CanonicalExtraction method, Projection projection, Replacement replacement, Guidance guidance) {
            return new CanonicalPipeline(method, projection, replacement, KChoice.ADAPTIVE, guidance, Optional.empty());
        }

        private List<Pixels> decoded(Supplier<Tensor> samples) {
            try (Scope _ = Scope.open()) {
                return ImageBatch.pixels(plan.codec().decode(samples.get()));
            }
        }

        void measure() {
            rows(SweepStore.reconstruction(level), List.of(reconstruction));
            picture(SweepStore.reconstruction(level), reconstruction);
            put(SweepStore.idle(level), idle(), batch.size());
            for (Control control : plan.controls()) {
                if (control.suits(latents)) {
                    control(control);
                }
            }
            Map<String, List<Integer>> jacobians = new TreeMap<>();
            for (int s = 0; s < plan.settings().size(); s++) {
                SweepSetting setting = plan.settings().get(s);
                if (plan.level(setting) == level) {
                    jacobians
                            .computeIfAbsent(setting.differentiated(), l -> new ArrayList<>())
                            .add(s);
                }
            }
            jacobians.values().forEach(numbers -> new OfJacobian(this, numbers).measure());
        }

        private double[] idle() {
            return IdleCondition.changes(
                    plan.conditions(),
                    plan.condition(),
                    batch.indices(),
                    other -> decoded(() -> plain.decode(latent, other)),
                    reconstruction);
        }

        private void control(Control control) {
            String name = SweepStore.control(control, level);
            List<List<Pixels>> images = new ArrayList<>();
            double[] grid = control.grid();
            for (int g = 1; g < grid.length; g++) { // the first changes nothing
                double[] all = new double[batch.size()];
                Arrays.fill(all, grid[g]);
                int point = g;
                Control.Latents watched = !SweepPlan.FEATURED.contains(control)
                        ? latents
                        : latents.watched((passed, x) -> keep(
                                sketched(passed, taken(passed), x),
                                layer -> SweepStore.featured(name, point, passed, layer)));
                images.add(decoded(() -> control.decode(watched, all)));
            }
            rows(name, images);
        }

        /** Whose features the settings of this t_e take at a level. */
        private TreeSet<String> taken(int passed) {
            return layers(plan.settings().stream()
                    .filter(s -> plan.level(s) == level && plan.trLevel(s) == passed)
                    .toList());
        }

        /** Rows of measures of several versions of the batch [versions, B, M]. */
        private void rows(String name, List<List<Pixels>> versions) {
            put(name, measured(versions), versions.size(), batch.size(), MEASURES);
        }

        private double[] measured(List<List<Pixels>> versions) {
            double[] all = new double[versions.size() * batch.size() * MEASURES];
            int at = 0;
            for (List<Pixels> images : versions) {
                double[][] judged = plan.judge().of(images, batch.indices());
                for (int b = 0; b < batch.size(); b++) {
                    double[] row = measures.get(b).of(images.get(b), reconstruction.get(b), judged[b]);
                    System.arraycopy(row, 0, all, at, MEASURES);
                    at += MEASURES;
                }
            }
            return all;
        }
    }

    /** The settings that ask the same Jacobian. */
    private final class OfJacobian {
        private final AtLevel at;
        private final List<Integer> numbers;
        private final Map<Integer, LatentAnalysis> analyses = new TreeMap<>(); // by n
        private final CanonicalExtraction method;
        private List<RandomizedSvd.Triples> triples = List.of();
        private double[][] evidence = new double[0][];

        OfJacobian(AtLevel at, List<Integer> numbers) {
            this.at = at;
            this.numbers = numbers;
            int rank = settings().stream().mapToInt(SweepSetting::n).max().orElseThrow();
            this.method = plan.method(at.level, plan.settings().get(numbers.getFirst()), rank);
        }

        private List<SweepSetting> settings() {
            return numbers.stream().map(plan.settings()::get).toList();
        }

        void measure() {
            try (Scope _ = Scope.open()) {
                if (settings().stream().anyMatch(s -> s.projection().counts())) {
                    triples = method.directions(at.latent, c).samples();
                    if (settings().stream().anyMatch(s -> s.projection().counts() && s.k().asksEvidence())) {
                        evidence = ClassEvidence.of(method, at.latent, c, triples);
                    }
                }
                Map<List<Object>, List<Integer>> ways = new LinkedHashMap<>();
                Map<List<Object>, int[]> steps = new LinkedHashMap<>();
                for (int s : numbers) {
                    SweepSetting setting = plan.settings().get(s);
                    int[] step = steps(setting);
                    boolean inOrder = setting.projection() instanceof Projection.Selective; // of n
                    List<Object> way = List.of(
                            setting.projection(),
                            setting.replacement(),
                            setting.guidance(),
                            Arrays.toString(step),
                            inOrder ? setting.n() : 0);
                    ways.computeIfAbsent(way, w -> new ArrayList<>()).add(s);
                    steps.put(way, step);
                }
                ways.forEach((way, same) -> way(same, Objects.requireNonNull(steps.get(way))));
            }
        }

        private LatentAnalysis analysis(int n) {
            return analyses.computeIfAbsent(n, rank -> {
                LatentAnalysis made =
                        new LatentAnalysis(plan.method(at.level, settings().getFirst(), rank), at.x0, at.latent, c);
                maps.forEach(made::knowing);
                return triples.isEmpty()
                        ? made
                        : made.knowing(triples.stream().map(t -> t.first(rank)).toList());
            });
        }

        /** k of each image, or where the strength is the projection's own. */
        private int[] steps(SweepSetting setting) {
            int[] steps = new int[batch.size()];
            if (!setting.projection().counts()) {
                Arrays.fill(steps, Projection.Soft.CHOSEN);
                return steps;
            }
            int[][] order = analysis(setting.n()).order(setting.projection());
            for (int b = 0; b < steps.length; b++) {
                steps[b] = setting.k()
                        .of(
                                Arrays.copyOf(triples.get(b).sigma(), setting.n()),
                                order[b],
                                evidence.length == 0 ? new double[0] : evidence[b]);
            }
            return steps;
        }

        /** One way down of settings that differ in where features are taken. */
        private void way(List<Integer> same, int[] steps) {
            SweepSetting first = plan.settings().get(same.getFirst());
            CanonicalPipeline pipeline = AtLevel.pipeline(
                    plan.method(at.level, first, first.n()),
                    first.projection(),
                    first.replacement(),
                    new Guidance(first.guidance(), Integer.MAX_VALUE, OptionalInt.empty()));
            Map<Integer, TreeSet<String>> taken = new TreeMap<>();
            for (int s : same) {
                SweepSetting setting = plan.settings().get(s);
                taken.computeIfAbsent(plan.trLevel(setting), l -> new TreeSet<>())
                        .add(setting.featureLayer());
            }
            Map<Integer, List<Sketched>> passed = new TreeMap<>();
            List<Pixels> images = at.decoded(() -> {
                Tensor clarep = analysis(first.n())
                        .project(first.projection(), first.replacement(), steps)
                        .clarep();
                return pipeline.decode(clarep, c, steps, (level, x) -> {
                    TreeSet<String> layers = taken.get(level);
                    if (layers != null) {
                        passed.put(level, sketched(level, layers, x));
                    }
                });
            });
            double[] k = Arrays.stream(steps).asDoubleStream().toArray();
            double[] rows = at.measured(List.of(images)); // once: they share the images
            for (int s : same) {
                SweepSetting setting = plan.settings().get(s);
                String name = SweepStore.setting(s);
                put(name, rows, 1, batch.size(), MEASURES);
                picture(name, images);
                keep(
                        Objects.requireNonNull(passed.get(plan.trLevel(setting))).stream()
                                .filter(of -> of.layer.equals(setting.featureLayer()))
                                .toList(),
                        layer -> name);
                if (setting.projection().counts()) {
                    put(SweepStore.k(s), k, k.length);
                }
            }
        }
    }
}
