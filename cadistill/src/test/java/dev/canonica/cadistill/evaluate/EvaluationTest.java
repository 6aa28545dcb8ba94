package dev.canonica.cadistill.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.bound.NoiseSettings;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.evaluate.EvaluationPlan.Candidate;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.data.DataException;
import dev.canonica.data.corruption.Corruption;
import dev.canonica.data.corruption.Table;
import dev.canonica.data.image.Image;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationTest {
    private static final int SIDE = 8;

    @TempDir
    private Path temp;

    private static Candidate candidate(String name, long seed, ImageSet images) {
        ResNetConfig config =
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1), 3, 4, ResNetConfig.Stem.CIFAR);
        EvaluatedModel model = new EvaluatedModel(
                name,
                "digest of " + name,
                Victim.of(ResNet.initialised(config, seed))
                        .normalised(new double[] {0.5, 0.4, 0.6}, new double[] {0.2, 0.3, 0.25}),
                images.classes());
        Labelled set = new Labelled(images, images::label, null);
        boolean[] two = {true, true, false};
        Labelled some = new Labelled(new FlatImages(20, 2, SIDE), i -> i % 2, two);
        return new Candidate(
                model, set, Map.of("two", some), new Labelled(new FlatImages(31, 3, SIDE), i -> i % 3, null));
    }

    /** H x W and W x H are as many numbers; pixels of one are not taken for the other's, nor is what a larger image has more dropped. */
    @Test
    void imagesOfSeveralSizesAreNotWorkedOnTogether() {
        EvaluatedModel model = candidate("model", 3, new FlatImages(2, 3, SIDE)).model();
        Image wide = new Image(3, SIDE, 2 * SIDE, new byte[3 * 2 * SIDE * SIDE]);
        Image tall = new Image(3, 2 * SIDE, SIDE, new byte[3 * 2 * SIDE * SIDE]);
        Image large = new Image(3, 2 * SIDE, 2 * SIDE, new byte[3 * 4 * SIDE * SIDE]);
        for (Image other : List.of(tall, large)) {
            assertThatThrownBy(() -> model.output(List.of(wide, wide, other), "output"))
                    .isInstanceOf(DataException.class)
                    .hasMessage(
                            "images: number 2 of a batch is of shape %s, the first of [3, 8, 16]; those of a batch have to be of one size"
                                    .formatted(EvaluatedModel.shape(other)));
        }
    }

    private static EvaluationPlan plan(List<String> measures, Map<String, double[]> baseline, Candidate... candidates) {
        byte[] mask = new byte[SIDE * SIDE];
        Arrays.fill(mask, 20, 40, (byte) 255);
        return new EvaluationPlan(
                List.of(candidates),
                "digest of the images",
                measures,
                Table.CIFAR,
                List.of(Corruption.CONTRAST, Corruption.SHOT_NOISE, Corruption.SATURATE),
                List.of(1, 4),
                baseline,
                ObjectLayers.masks(i -> new Image(1, SIDE, SIDE, mask)),
                new EvaluationPlan.Features("layer2", 3),
                new AttackPlan(
                        List.of("pgd"),
                        List.of(Norm.of("linf")),
                        List.of(0.05, 0.1),
                        new AttackSettings(
                                OptionalInt.of(3),
                                OptionalDouble.empty(),
                                OptionalInt.empty(),
                                OptionalInt.empty(),
                                OptionalInt.empty(),
                                false),
                        NoiseSettings.NONE,
                        Duration.ZERO),
                candidates.length > 1,
                5);
    }

    private EvaluationResults run(String folder, EvaluationPlan plan, int batch, int first, int last) {
        try (RunFolder run = RunFolder.claim(temp.resolve(folder), "evaluation", Settings.NONE.with("a", 1))) {
            return new Evaluation(plan, run, batch, first, last, (what, done) -> {}).run();
        }
    }

    @Test
    void numbersDoNotDependOnTheBatch() {
        ImageSet images = new FlatImages(37, 3, SIDE);
        EvaluationPlan plan =
                plan(EvaluationPlan.MEASURES, Map.of(), candidate("a", 1, images), candidate("b", 2, images));
        EvaluationResults one = run("one", plan, 1, 0, 37);
        EvaluationResults many = run("many", plan, 64, 0, 37);
        assertThat(many.toMap()).isEqualTo(one.toMap());
        assertThat(run("one", plan, 7, 0, 37).toMap()).isEqualTo(one.toMap()); // from what is stored
        assertThat(one.measurements().stream().map(Measurement::measure).distinct())
                .containsExactlyElementsOf(EvaluationPlan.MEASURES);
        assertThat(one.comparisons()).isNotEmpty().allSatisfy(c -> {
            assertThat(c.first()).isEqualTo("a");
            assertThat(c.pairs().count()).isEqualTo(c.difference().count());
        });
        assertThat(one.means())
                .filteredOn(m -> m.name().equals("accuracy"))
                .singleElement()
                .satisfies(m -> assertThat(m.value().count()).isEqualTo(2));
    }

    /** Two shards hold, between them, the answers of the whole: the same files. */
    @Test
    void shardsAreParts() {
        ImageSet images = new FlatImages(AnswerStore.BLOCK + 9, 3, SIDE);
        EvaluationPlan plan = plan(List.of("clean", "background", "attacks"), Map.of(), candidate("a", 1, images));
        EvaluationResults whole = run("whole", plan, 64, 0, images.size());
        EvaluationResults first = run("first", plan, 64, 0, AnswerStore.BLOCK);
        EvaluationResults second = run("second", plan, 64, AnswerStore.BLOCK, images.size());
        for (Measurement m : whole.measurements()) {
            boolean[] right = m.right();
            if (right != null) {
                boolean[] one =
                        first.of("a", m.measure(), m.name()).orElseThrow().right();
                boolean[] two =
                        second.of("a", m.measure(), m.name()).orElseThrow().right();
                assertThat(one).isEqualTo(Arrays.copyOf(right, AnswerStore.BLOCK));
                assertThat(two).isEqualTo(Arrays.copyOfRange(right, AnswerStore.BLOCK, right.length));
            }
        }
        for (String part : List.of("model-0-clean/000001.npz", "model-0-linf-0.05/pgd/000001.npz")) {
            assertThat(temp.resolve("second").resolve(part))
                    .hasSameBinaryContentAs(temp.resolve("whole").resolve(part));
        }
    }

    /** Mean accuracy and mCE, from the accuracies of severities: only what counts is in them. */
    @Test
    void meansOfCorruptions() {
        ImageSet images = new FlatImages(37, 3, SIDE);
        double[] contrast = {0.1, 9, 9, 0.3, 9};
        double[] noise = {0.5, 9, 9, 0.7, 9};
        EvaluationResults results = run(
                "mce",
                plan(
                        List.of("corruptions"),
                        Map.of("contrast", contrast, "shot_noise", noise),
                        candidate("a", 1, images)),
                64,
                0,
                37);
        double[] errors = new double[2];
        List<Corruption> counting = List.of(Corruption.CONTRAST, Corruption.SHOT_NOISE);
        for (int k = 0; k < 2; k++) {
            for (int severity : List.of(1, 4)) {
                errors[k] += (1
                                - number(results, counting.get(k).id() + "/" + severity)
                                        .estimate())
                        / 2;
            }
            assertThat(number(results, counting.get(k).id() + "/mean").estimate())
                    .isCloseTo(1 - errors[k], within(1e-12));
        }
        assertThat(number(results, "mean").estimate()).isCloseTo(1 - (errors[0] + errors[1]) / 2, within(1e-12));
        assertThat(number(results, "mce").estimate()).isCloseTo((errors[0] / 0.2 + errors[1] / 0.6) / 2, within(1e-12));
        assertThat(number(results, "mce").count()).isEqualTo(37);
    }

    private static Interval number(EvaluationResults results, String name) {
        return results.of("a", "corruptions", name).orElseThrow().value();
    }
}
