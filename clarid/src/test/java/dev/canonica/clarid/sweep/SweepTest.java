package dev.canonica.clarid.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.Replacement;
import dev.canonica.clarid.TinyDit;
import dev.canonica.clarid.metrics.Nmi;
import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.study.FeatureClusters;
import dev.canonica.clarid.study.ImageBatch;
import dev.canonica.clarid.study.ImageMeasure;
import dev.canonica.clarid.study.ImageMeasures;
import dev.canonica.clarid.study.TinySet;
import dev.canonica.data.DataException;
import dev.canonica.data.run.RunFolder;
import dev.canonica.models.Condition;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep of a tiny network on small images with masks. */
class SweepTest {
    private static final int COUNT = 11;

    /** Bright images are of the class. */
    private static final Judge BRIGHT = (images, indices) -> images.stream()
            .map(p -> {
                double mean = 0;
                for (float v : p.values()) {
                    mean += v / p.values().length;
                }
                return new double[] {mean, mean > 0 ? 1 : 0};
            })
            .toArray(double[][]::new);

    private static final SweepSetting RESTORED = new SweepSetting(
            0.4,
            "blocks.0",
            JacobianOutput.FEATURES,
            3,
            new KRule.Fixed(2),
            new Projection.TopK(),
            new Replacement(Replacement.Fill.MEAN, true),
            0.1,
            "blocks.1",
            1);

    @TempDir
    private Path temp;

    private final TinySet set = new TinySet(COUNT, 2);
    private final Sampler sampler = SamplerConfig.COSINE_V.sampler(10);

    private static SweepSetting setting(
            double te, JacobianOutput output, int n, String k, Projection projection, double tr, String layer) {
        return new SweepSetting(te, "blocks.0", output, n, KRule.of(k), projection, tr, layer, 1);
    }

    private static List<SweepSetting> settings() {
        JacobianOutput features = JacobianOutput.FEATURES;
        return List.of(
                setting(0.4, features, 3, "1", new Projection.TopK(), 0.1, "blocks.1"),
                setting(0.4, features, 3, "1", new Projection.TopK(), 0.2, "blocks.0"),
                setting(0.4, features, 3, "adaptive", new Projection.TopK(), 0.1, "blocks.1"),
                setting(0.4, features, 2, "evidence:0.7", new Projection.Selective(), 0.1, "blocks.1"),
                setting(0.4, features, 3, "2", new Projection.Multistep(), 0.2, "blocks.1"),
                setting(0.6, JacobianOutput.CLEAN, 2, "1", new Projection.TopK(), 0.1, "blocks.1"),
                setting(0.6, JacobianOutput.DIFFERENCE, 2, "2", new Projection.TopK(), 0.1, "blocks.1"),
                RESTORED);
    }

    private SweepPlan plan(List<SweepSetting> settings, int batch, Judge judge) {
        return plan(settings, batch, judge, List.of(Control.SHRUNK, Control.LOCAL_SHRINK, Control.ORACLE));
    }

    private SweepPlan plan(List<SweepSetting> settings, int batch, Judge judge, List<Control> controls) {
        return new SweepPlan(
                settings,
                Optional.empty(),
                controls,
                TinyDit.make(),
                sampler,
                DdimSampler.Inversion.GUIDED,
                new RandomizedSvd(1, 2, 20, 1e-6, 0, 0),
                LatentCodec.IMAGES,
                new Conditions.Classes(2),
                set::label,
                judge,
                set,
                batch,
                2,
                Map.of("data", "tiny"));
    }

    private static SweepResults run(SweepPlan plan, Path out) {
        Sweep sweep = new Sweep(plan, out, 0, Sweep.batches(COUNT, plan.batch()));
        try (RunFolder folder = RunFolder.claim(out, "sweep", sweep.settings())) {
            return sweep.run(folder, done -> {});
        }
    }

    /** What is shared between settings is what each would have by itself. */
    @Test
    void measuresWhatThePipelineMakes() {
        SweepPlan plan = plan(settings(), 4, BRIGHT);
        SweepResults results = run(plan, temp);
        assertThat(results.rows()).hasSize(8);
        SweepStore store = new SweepStore(List.of(temp.resolve("batches/000001.npz")));
        for (int s = 0; s < plan.settings().size(); s++) {
            SweepSetting setting = plan.settings().get(s);
            if (setting.k().asksEvidence()) {
                continue; // the pipeline has no such rule
            }
            CanonicalPipeline pipeline = new CanonicalPipeline(
                    new CanonicalExtraction(
                            plan.model(),
                            sampler,
                            plan.level(setting),
                            DdimSampler.Inversion.GUIDED,
                            setting.differentiated(),
                            new RandomizedSvd(setting.n(), 2, 20, 1e-6, 0, 0)),
                    setting.projection(),
                    setting.replacement(),
                    setting.k() instanceof KRule.Fixed(int k) ? new KChoice(k) : KChoice.ADAPTIVE,
                    Guidance.NONE,
                    Optional.of(new CanonicalPipeline.FeaturePoint(setting.featureLayer(), plan.trLevel(setting))));
            ImageBatch one = new ImageBatch(set, 5, 6); // the second of the second batch
            Condition c = Condition.classes(1);
            var expected = pipeline.of(one.tensor(DType.F64), c);
            Pixels image = ImageBatch.pixels(expected.canonical()).getFirst();
            Pixels reconstruction =
                    ImageBatch.pixels(pipeline.decode(expected.latent(), c)).getFirst();
            double[] row = new ImageMeasures(one.pixels(0), one.mask(0))
                    .of(image, reconstruction, BRIGHT.of(List.of(image), List.of(5))[0]);
            double[] stored = store.versions(SweepStore.setting(s))[0][1];
            assertThat(stored).as("setting %s", s).hasSameSizeAs(row);
            for (int m = 0; m < row.length; m++) {
                assertThat(stored[m])
                        .as("setting %s, %s", s, ImageMeasure.values()[m])
                        .isCloseTo(row[m], within(1e-4));
            }
            Tensor features = expected.features().get("features/canonical");
            assertThat(store.rows(SweepStore.features(SweepStore.setting(s)))[1])
                    .as("features of setting %s", s)
                    .usingComparatorWithPrecision(1e-3)
                    .containsExactly(features.toDoubles());
            assertThat(store.numbers(SweepStore.k(s))[1]).isEqualTo(expected.k()[0]);
        }
    }

    @Test
    void goesOnAndGivesTheSameBytes() throws IOException {
        SweepPlan plan = plan(settings(), 4, BRIGHT);
        run(plan, temp.resolve("whole"));
        Path other = temp.resolve("stopped");
        run(plan, other);
        Files.delete(other.resolve("batches/000001.npz"));
        Files.delete(other.resolve("results.json"));
        run(plan, other);
        for (Path file : files(temp.resolve("whole"))) {
            assertThat(other.resolve(file))
                    .hasSameBinaryContentAs(temp.resolve("whole").resolve(file));
        }
        assertThat(files(other)).isEqualTo(files(temp.resolve("whole")));
    }

    /** The numbers of an image do not depend on the batch that it is in. */
    @Test
    void givesTheSameInAnyBatch() {
        run(plan(settings(), 4, BRIGHT), temp.resolve("a"));
        run(plan(settings(), 11, BRIGHT), temp.resolve("b"));
        SweepStore a = new SweepStore(Stream.of(0, 1, 2)
                .map(i -> temp.resolve("a/batches/00000" + i + ".npz"))
                .toList());
        SweepStore b = new SweepStore(List.of(temp.resolve("b/batches/000000.npz")));
        for (int s = 0; s < settings().size(); s++) {
            assertThat(a.versions(SweepStore.setting(s))).isDeepEqualTo(b.versions(SweepStore.setting(s)));
            assertThat(a.rows(SweepStore.unconditional(SweepStore.setting(s))))
                    .isDeepEqualTo(b.rows(SweepStore.unconditional(SweepStore.setting(s))));
        }
    }

    /** Features on a control's way down, and how they agree beside a setting's at equal SSIM. */
    @Test
    void measuresFeaturesOfControls() {
        SweepPlan plan = plan(settings(), COUNT, BRIGHT);
        SweepSetting first = settings().getFirst();
        SweepResults results = run(plan, temp);
        SweepStore store = new SweepStore(List.of(temp.resolve("batches/000000.npz")));
        int level = plan.level(first);
        int trLevel = plan.trLevel(first);
        String shrunk = SweepStore.control(Control.SHRUNK, level);
        CanonicalExtraction method = plan.method(level, first, 1);
        Condition c = Condition.classes(1);
        Tensor latent = method.invert(new ImageBatch(set, 5, 6).tensor(DType.F64), c);
        double gamma = Control.SHRUNK.grid()[2];
        Tensor at = sampler.descend(method.denoiser(c), latent.times(gamma), level, trLevel);
        double[] expected = Objects.requireNonNull(plan.model()
                        .features(
                                Var.constant(at),
                                DenoisingModel.timeOfAll(sampler.time(trLevel), 1),
                                c,
                                Set.of("blocks.1"))
                        .get("blocks.1"))
                .value()
                .toDoubles();
        assertThat(store.rows(SweepStore.features(SweepStore.featured(shrunk, 2, trLevel, "blocks.1")))[5])
                .usingComparatorWithPrecision(1e-4)
                .containsExactly(expected);

        Map<String, Interval> all =
                Objects.requireNonNull(results.measured(b -> true).getFirst());
        int[] labels = store.integers(SweepStore.LABEL);
        double own = ami(store, SweepStore.setting(0), labels);
        assertThat(all.get("ami_unconditional_class").estimate()).isEqualTo(own, within(1e-12));
        double[] x = new double[Control.SHRUNK.grid().length];
        double[] y = new double[x.length];
        for (int g = 0; g < x.length; g++) {
            x[g] = mean(g == 0 ? store.versions(SweepStore.reconstruction(level))[0] : store.versions(shrunk)[g - 1]);
            y[g] = ami(
                    store,
                    g == 0
                            ? SweepStore.original(trLevel, "blocks.1")
                            : SweepStore.featured(shrunk, g, trLevel, "blocks.1"),
                    labels);
        }
        double wanted = mean(store.versions(SweepStore.setting(0))[0]);
        int right = 1; // similarity falls along the grid
        while (x[right] > wanted) {
            right++;
        }
        double share = (wanted - x[right]) / (x[right - 1] - x[right]);
        assertThat(all.get("ami_unconditional_class_less_shrunk_at_equal_ssim").estimate())
                .isEqualTo(own - y[right] - share * (y[right - 1] - y[right]), within(1e-9));
        assertThat(all).containsKey("knn_unconditional_class_less_oracle_at_equal_ssim");
    }

    private static double mean(double[][] rows) {
        return Arrays.stream(rows).mapToDouble(ImageMeasure.SSIM::in).average().orElseThrow();
    }

    private static double ami(SweepStore store, String features, int[] labels) {
        double[][] rows = store.rows(SweepStore.unconditional(features));
        return Nmi.ami(FeatureClusters.of(rows, 2, 0).clusters(), labels);
    }

    /** The rule of the choice names all that makes a setting eligible, whatever it is chosen by. */
    @Test
    void saysTheRuleOfTheChoice() {
        List<SweepSetting> one = List.of(settings().getFirst());
        String least = "Of the settings that leave at most 0.75 of the background's variance and ";
        assertThat(run(plan(one, 4, BRIGHT), temp.resolve("judged")).reason())
                .startsWith(
                        least
                                + "show no loss of class accuracy by its interval, the one with the least background variance beside local shrink at equal object SSIM. ")
                .endsWith("So few images decide little: some hundreds are needed.");
        assertThat(run(plan(one, 4, Judge.NONE, List.of(Control.ORACLE)), temp.resolve("oracle"))
                        .reason())
                .startsWith(
                        least
                                + "keep an object SSIM of at least 0.7, the one whose clusters agree most with the classes (AMI). ");
    }

    @Test
    void refusesAnother() {
        run(plan(settings(), 4, BRIGHT), temp);
        SweepPlan other = plan(settings().subList(0, 2), 4, BRIGHT);
        assertThatThrownBy(() -> run(other, temp))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("holds another sweep (settings");
    }

    /** A setting that restores the norm is judged beside the local shrink that restores it, and by nothing else. */
    @Test
    void comparesTheNormRestoredWithItsLike() {
        SweepSetting plain = settings().getFirst();
        List<Control> both = List.of(Control.LOCAL_SHRINK, Control.LOCAL_SHRINK_NORM);
        SweepResults results = run(plan(List.of(plain, RESTORED), 11, BRIGHT, both), temp.resolve("both"));
        String own = "background_variance_to_local_shrink_norm_at_equal_ssim";
        assertThat(results.criterion(plain)).isEqualTo("background_variance_to_local_shrink_at_equal_ssim");
        assertThat(results.criterion(RESTORED)).isEqualTo(own);
        SweepResults without = run(plan(List.of(plain, RESTORED), 11, BRIGHT, both.subList(0, 1)), temp.resolve("one"));
        assertThat(without.ineligible(without.rows().get(1)))
                .isEqualTo("not comparable: it restores the norm, and no local shrink that does so was measured");
        assertThat(without.ineligible(without.rows().get(0))).doesNotContain("norm");
    }

    @Test
    void saysAllOfIt() throws IOException {
        SweepResults results = run(plan(settings(), 4, BRIGHT), temp);
        assertThat(results.images()).isEqualTo(COUNT);
        assertThat(results.chosenBy()).isEqualTo(6);
        Map<String, Object> json = new java.util.TreeMap<>();
        JsonText.read(temp.resolve("results.json")).forEach((k, v) -> json.put(k, String.valueOf(v)));
        assertThat(json).containsKeys("criterion", "reason", "settings", "images");
        List<String> lines = Files.readAllLines(temp.resolve("results.csv"));
        assertThat(lines).hasSize(9);
        assertThat(lines.getFirst())
                .startsWith(
                        "te,layer,output,n,k,projection,strength,map,replace,norm,tr,feature-layer,guidance,level,signal,chosen,images,")
                .contains(
                        "background_variance", "object_ssim", "ami_unconditional_class", "ami_conditional_background");
        assertThat(List.of(lines.getFirst().split(","))).doesNotHaveDuplicates();
        assertThat(lines.get(6)).startsWith("0.6,,x0,2,1,topk,,,zero,left,0.1,blocks.1,1,6,");
        assertThat(lines.get(8)).startsWith("0.4,blocks.0,features,3,2,topk,,,mean,restored,0.1,blocks.1,1,4,");
        SweepResults.Row row = results.rows().getFirst();
        assertThat(row.report().get("accuracy").count()).isEqualTo(5);
        assertThat(row.report().get("object_ssim").estimate()).isBetween(-1.0, 1.0);
    }

    private static List<Path> files(Path folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(Files::isRegularFile).map(folder::relativize).sorted().forEach(all::add);
        }
        return all;
    }
}
