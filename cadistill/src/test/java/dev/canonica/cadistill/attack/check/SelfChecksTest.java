package dev.canonica.cadistill.attack.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.cadistill.attack.Changed;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.LinearClassifier;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Linf;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.AttackSuite;
import dev.canonica.models.Classifier;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Each check fires for what it is made for, and no other does. */
class SelfChecksTest {
    private static final int COUNT = 48;
    private static final int SIDE = 8;

    private final LinearClassifier model = LinearClassifier.random(10, 3 * SIDE * SIDE, 1);
    private final Images images = model.images(COUNT, 3, SIDE, 2);
    private final Budget budget = new Budget(new Linf(), 0.04);

    private record Run(List<Integer> robust, List<String> warnings) {}

    /** APGD-CE, APGD-DLR and Square, and what the checks say of them. */
    private Run attack(Classifier classifier, Images of) {
        AttackSettings settings = new AttackSettings(
                OptionalInt.of(40),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.of(500),
                true);
        Victim victim = Victim.of(classifier);
        AttackSuite suite = new AttackSuite(victim, of, budget, settings, 0, 64, null, (name, done) -> {});
        List<AttackSuite.Outcome> outcomes = new ArrayList<>();
        List.of("apgd-ce", "apgd-dlr", "square").forEach(name -> outcomes.add(suite.run(name)));
        List<String> warnings = new SelfChecks(victim, of, budget, 64)
                .of(outcomes).stream()
                        .filter(Finding::warns)
                        .map(Finding::check)
                        .toList();
        return new Run(outcomes.stream().map(AttackSuite.Outcome::robust).toList(), warnings);
    }

    @Test
    void nothingIsWrongWithAPlainModel() {
        Run plain = attack(model, images);
        assertThat(plain.warnings()).isEmpty();
        assertThat(plain.robust().get(0)).isBetween(4, COUNT / 2);
        assertThat(plain.robust().get(2)).isBetween(plain.robust().get(1), COUNT * 3 / 4);
    }

    @Test
    void smallLogitsChangeNothing() {
        Run plain = attack(model, images);
        Run small = attack(model.scaled(1e-3), images);
        assertThat(small.robust()).isEqualTo(plain.robust());
        assertThat(small.warnings()).isEmpty();
    }

    /** Cross-entropy saturates, the ratio of logits and Square do not. */
    @Test
    void largeLogitsAreNoticed() {
        Run plain = attack(model, images);
        Run large = attack(model.scaled(1e4), images);
        assertThat(large.robust().get(0)).isGreaterThan(plain.robust().get(0) + COUNT / 4);
        assertThat(large.robust().get(1)).isCloseTo(plain.robust().get(1), within(1));
        assertThat(large.robust().get(2)).isEqualTo(plain.robust().get(2));
        assertThat(large.warnings()).contains("logit-scale", "zero-gradients").doesNotContain("repeatable", "batch");
    }

    /** No gradient passes the rounding: only Square breaks anything. */
    @Test
    void maskedGradientsAreNoticed() {
        LinearClassifier rounded = model.rounded(16);
        Run masked = attack(rounded, images);
        assertThat(masked.robust().get(0)).isGreaterThan(masked.robust().get(2) + COUNT / 6);
        assertThat(masked.warnings()).contains("zero-gradients", "square-better", "active-test");
    }

    @Test
    void randomAnswersAreNoticed() {
        long[] call = {0};
        Classifier random = new Changed(
                model,
                x -> x.plus(Var.constant(Tensor.normal(DType.F32, x.shape(), new Philox(7, call[0]++))
                        .times(0.01))));
        assertThat(attack(random, images).warnings()).contains("repeatable");
    }

    @Test
    void aMixtureOfTheBatchIsNoticed() {
        Classifier mixing = new Changed(model, x -> x.minus(x.mean(0).times(0.1)));
        assertThat(attack(mixing, images).warnings()).contains("batch").doesNotContain("repeatable");
        AttackSuite suite = suite(Victim.of(mixing), 1);
        assertThat(new SelfChecks(Victim.of(mixing), images, budget, 1).of(List.of(suite.run("square"))))
                .as("with --batch 1")
                .filteredOn(Finding::warns)
                .extracting(Finding::check)
                .contains("batch");
    }

    private AttackSuite suite(Victim victim, int batch) {
        AttackSettings settings = new AttackSettings(
                OptionalInt.of(40),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.of(200),
                false);
        return new AttackSuite(victim, images, budget, settings, 0, batch, null, (name, done) -> {});
    }

    /** Square beats one step of a plain model's gradient, which says nothing of its gradients. */
    @Test
    void aWeakAttackIsNoMeasureForSquare() {
        AttackSuite suite = suite(Victim.of(model.rounded(16)), 64);
        AttackSuite.Outcome square = suite.run("square");
        SelfChecks checks = new SelfChecks(Victim.of(model), images, budget, 64);
        assertThat(checks.of(List.of(suite.run("fgsm"), square)))
                .extracting(Finding::check)
                .doesNotContain("square-better");
        assertThat(checks.of(List.of(suite.run("apgd-ce"), square)))
                .filteredOn(Finding::warns)
                .extracting(Finding::check)
                .contains("square-better");
    }

    @Test
    void imagesOutsideOfTheBoxAreNoticed() {
        float[] values = new float[COUNT * 3 * SIDE * SIDE];
        for (int i = 0; i < COUNT; i++) {
            System.arraycopy(images.values(i), 0, values, i * 3 * SIDE * SIDE, 3 * SIDE * SIDE);
        }
        values[5] = 1.5f;
        long[] labels = new long[COUNT];
        for (int i = 0; i < COUNT; i++) {
            labels[i] = images.label(i);
        }
        Images outside = Images.of(Tensor.of(values, COUNT, 3, SIDE, SIDE), labels);
        assertThat(attack(model, outside).warnings()).containsExactly("inputs-in-box");
    }
}
