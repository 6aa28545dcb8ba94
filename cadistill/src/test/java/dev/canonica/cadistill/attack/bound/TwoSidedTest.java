package dev.canonica.cadistill.attack.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.cadistill.attack.AttackRun;
import dev.canonica.cadistill.attack.AttackStore;
import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.L2;
import dev.canonica.cadistill.attack.budget.Linf;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.Attacks;
import dev.canonica.data.run.RunFolder;
import dev.canonica.models.linear.LinearClassifier;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Verdicts of images: by exact distances, by attacks alone, by certificates. */
class TwoSidedTest {
    private static final int COUNT = 24;
    private static final int SIDE = 5;
    private static final int SIZE = 3 * SIDE * SIDE;

    @TempDir
    private Path temp;

    private final LinearClassifier model = new LinearClassifier(
            3,
            SIZE,
            10,
            true,
            Map.of(
                    "weight",
                    Tensor.normal(DType.F32, Shape.of(10, SIZE), new Philox(1)),
                    "bias",
                    Tensor.normal(DType.F32, Shape.of(10), new Philox(2))));

    private final Victim victim = Victim.of(model)
            .normalised(new double[] {0.4, 0.5, 0.6}, new double[] {0.2, 0.3, 0.25})
            .scaled(3);

    private static List<float[]> values() {
        List<float[]> all = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            float[] own = new float[SIZE];
            new Philox(3, i).uniforms(0, own);
            all.add(own);
        }
        return all;
    }

    /** The first image is of a class that is not predicted. */
    private Images images() {
        Shape shape = Shape.of(3, SIDE, SIDE);
        List<float[]> logits = victim.outputs(values(), shape);
        int[] labels = new int[COUNT];
        Arrays.setAll(labels, i -> {
            double[] z = new double[10];
            Arrays.setAll(z, j -> logits.get(i)[j]);
            int best = 0;
            for (int j = 1; j < z.length; j++) {
                best = z[j] > z[best] ? j : best;
            }
            return i == 0 ? (best + 1) % z.length : best;
        });
        return Images.of(values(), labels, shape);
    }

    private TwoSided known(Victim of, NoiseSettings noise, Images images, Budget budget, String... attacks) {
        List<List<ImageResult>> results = new ArrayList<>();
        for (String name : attacks) {
            results.add(new AttackRun(Attacks.of(name, AttackSettings.STANDARD), noise.before(of), images, budget)
                    .results());
        }
        try (RunFolder folder = RunFolder.claim(temp.resolve(budget.norm().name()), "attack", Settings.NONE)) {
            return TwoSided.of(
                            of,
                            noise,
                            images,
                            TwoSided.strongest(results),
                            budget,
                            7,
                            5,
                            new AttackStore(folder, Duration.ZERO),
                            done -> {})
                    .orElseThrow();
        }
    }

    @Test
    void whatStandsBeforeALinearModelIsInItsWeights() {
        LinearDistance exact = new LinearDistance(
                victim.affine().orElseThrow().weights(),
                victim.affine().orElseThrow().bias());
        float[] logits = victim.outputs(values(), Shape.of(3, SIDE, SIDE)).get(4);
        double[] own = exact.logits(values().get(4));
        for (int j = 0; j < logits.length; j++) {
            assertThat(own[j]).isCloseTo(logits[j], within(1e-4 * Math.abs(logits[j]) + 1e-3));
        }
        assertThat(victim.randomised(0.1, 1).affine()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"linf", "l2"})
    void noImageOfALinearModelIsUndecided(String name) {
        Norm norm = Norm.of(name);
        Images images = images();
        LinearDistance exact = new LinearDistance(
                victim.affine().orElseThrow().weights(),
                victim.affine().orElseThrow().bias());
        double[] sorted = new double[COUNT];
        Arrays.setAll(sorted, i -> exact.of(images.values(i), images.label(i), norm));
        double[] distances = sorted.clone();
        Arrays.sort(sorted);
        Budget budget = new Budget(norm, (sorted[COUNT / 2 - 1] + sorted[COUNT / 2]) / 2);
        TwoSided known = known(victim, NoiseSettings.NONE, images, budget, "fgsm", "apgd-t");
        assertThat(known.bound()).isEqualTo(TwoSided.Bound.EXACT);
        assertThat(known.images().getFirst()).isEqualTo(new Known(0, Verdict.BROKEN, 0));
        for (int i = 0; i < COUNT; i++) {
            Known own = known.images().get(i);
            Verdict verdict = distances[i] > budget.eps() ? Verdict.ROBUST : Verdict.BROKEN;
            assertThat(own).as("image %d", i).isEqualTo(new Known(distances[i], verdict, own.broken()));
            assertThat(own.broken() <= budget.eps() * 1.001).isEqualTo(verdict == Verdict.BROKEN);
        }
    }

    /** Attacks keep to [0, 1], and so change what lies outside by more than ε: it is broken only where it is wrong as it is. */
    @ParameterizedTest
    @ValueSource(strings = {"linf", "l2"})
    void imagesOutsideOfTheBoxAreUndecided(String name) {
        List<float[]> far = new ArrayList<>();
        for (float[] own : values()) {
            float[] moved = own.clone();
            for (int i = 0; i < SIZE; i++) {
                moved[i] = 3 * moved[i] - 1;
            }
            far.add(moved);
        }
        Shape shape = Shape.of(3, SIDE, SIDE);
        int[] labels = new int[COUNT];
        List<float[]> logits = victim.outputs(far, shape);
        for (int i = 0; i < COUNT; i++) {
            for (int j = 0; j < 10; j++) {
                labels[i] = logits.get(i)[j] > logits.get(i)[labels[i]] ? j : labels[i];
            }
        }
        labels[0] = (labels[0] + 1) % 10;
        Budget budget = new Budget(Norm.of(name), 0.01);
        TwoSided known = known(victim, NoiseSettings.NONE, Images.of(far, labels, shape), budget, "pgd", "square");
        assertThat(known.images().getFirst()).isEqualTo(new Known(0, Verdict.BROKEN, 0));
        assertThat(known.images().subList(1, COUNT)).allSatisfy(k -> {
            assertThat(k.verdict()).isEqualTo(Verdict.UNDECIDED);
            assertThat(k.radius()).isZero();
        });
    }

    /** An attack that one of several makes counts, whichever comes last. */
    @Test
    void theLeastChangeCounts() {
        Images images = images();
        Budget budget = new Budget(new Linf(), 0.05);
        List<List<ImageResult>> results = new ArrayList<>();
        for (String name : List.of("apgd-t", "fab-t", "fgsm")) {
            results.add(new AttackRun(Attacks.of(name, AttackSettings.STANDARD), victim, images, budget).results());
        }
        List<ImageResult> strongest = TwoSided.strongest(results);
        int broken = 0;
        for (int i = 0; i < COUNT; i++) {
            int at = i;
            double least = results.stream()
                    .map(r -> r.get(at))
                    .filter(r -> !r.robust())
                    .mapToDouble(ImageResult::norm)
                    .min()
                    .orElse(Double.NaN);
            assertThat(strongest.get(i).robust()).isEqualTo(Double.isNaN(least));
            if (!strongest.get(i).robust()) {
                assertThat(strongest.get(i).norm()).isEqualTo(least);
                broken++;
            }
        }
        assertThat(broken).isBetween(3, COUNT);
    }

    /** What breaks an image within a smaller ε breaks it within a larger one, whatever was found there, and the least change is kept. */
    @Test
    void whatBreaksWithinASmallerBudgetBreaksWithinALargerOne() {
        double none = Double.NaN;
        TwoSided small = new TwoSided(
                TwoSided.Bound.EXACT,
                List.of(
                        new Known(0, Verdict.BROKEN, 0.1),
                        new Known(0, Verdict.BROKEN, 0.1),
                        new Known(0, Verdict.BROKEN, 0),
                        new Known(0, Verdict.UNDECIDED, 0.4),
                        new Known(0.3, Verdict.UNDECIDED, 0.1),
                        new Known(0.3, Verdict.ROBUST, none),
                        new Known(0, Verdict.UNDECIDED, 0.15)));
        TwoSided large = new TwoSided(
                TwoSided.Bound.EXACT,
                List.of(
                        new Known(0, Verdict.UNDECIDED, none),
                        new Known(0, Verdict.BROKEN, 0.05),
                        new Known(0, Verdict.BROKEN, 0.2),
                        new Known(0, Verdict.UNDECIDED, none),
                        new Known(0.3, Verdict.ROBUST, none),
                        new Known(0.3, Verdict.ROBUST, none),
                        new Known(0, Verdict.UNDECIDED, 0.4)));
        assertThat(large.with(small, new Budget(new L2(), 0.2)).images())
                .containsExactly(
                        new Known(0, Verdict.BROKEN, 0.1),
                        new Known(0, Verdict.BROKEN, 0.05),
                        new Known(0, Verdict.BROKEN, 0),
                        new Known(0, Verdict.UNDECIDED, none),
                        new Known(0.3, Verdict.UNDECIDED, 0.1),
                        new Known(0.3, Verdict.ROBUST, none),
                        new Known(0, Verdict.BROKEN, 0.15));
    }

    /** A broken image has a length: 0 where the smoothed classifier answers the image itself wrongly, whatever one draw of the noise says. */
    @Test
    void whatTheSmoothedClassifierBreaksHasALength() {
        Images images = images();
        Budget budget = new Budget(new L2(), 2);
        TwoSided known = known(victim, new NoiseSettings(0.05, 1, OptionalInt.of(200)), images, budget, "pgd");
        assertThat(known.images().getFirst().broken()).isZero();
        assertThat(known.images())
                .filteredOn(k -> k.verdict() == Verdict.BROKEN)
                .hasSizeGreaterThan(1);
        assertThat(known.images())
                .allSatisfy(k -> assertThat(Double.isNaN(k.broken()))
                        .isEqualTo(
                                k.verdict() == Verdict.ROBUST || k.verdict() == Verdict.UNDECIDED && k.radius() < 2));
        List<ImageResult> unmoved = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            unmoved.add(new ImageResult(true, true, images.values(i), 0, ImageResult.Effort.NONE));
        }
        try (RunFolder folder = RunFolder.claim(temp.resolve("unmoved"), "attack", Settings.NONE)) {
            Known first = TwoSided.of(
                            victim,
                            new NoiseSettings(0.05, 1, OptionalInt.of(200)),
                            images,
                            unmoved,
                            budget,
                            7,
                            5,
                            new AttackStore(folder, Duration.ZERO),
                            done -> {})
                    .orElseThrow()
                    .images()
                    .getFirst();
            assertThat(first).isEqualTo(new Known(0, Verdict.BROKEN, 0)); // the attack's draw had it right
        }
    }

    /** Certificates are of the smoothed classifier; a part that is stored is not computed again. */
    @Test
    void certificatesAreBelowTheExactDistance() {
        Images images = images();
        Budget budget = new Budget(new L2(), 0.05);
        NoiseSettings noise = new NoiseSettings(0.05, 1, OptionalInt.of(200));
        TwoSided known = known(victim, noise, images, budget, "fgsm");
        assertThat(known.bound()).isEqualTo(TwoSided.Bound.SMOOTHING);
        assertThat(known.images()).extracting(Known::verdict).contains(Verdict.ROBUST);
        assertThat(known(victim, noise, images, budget, "fgsm")).isEqualTo(known);
        assertThat(temp.resolve("l2/certificates/000000.npz")).exists();
        assertThat(temp.resolve("l2/certificates/000001.npz")).exists();
    }
}
