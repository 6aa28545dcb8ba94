package dev.canonica.cadistill.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.cadistill.attack.bound.LinearDistance;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.check.SelfChecks;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.AttackSuite;
import dev.canonica.cadistill.attack.method.Attacks;
import dev.canonica.models.linear.LinearClassifier;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attacks of images that are not square, or smaller than a tile, and of few classes. */
class OddShapesTest {
    private static final AttackSettings FEW = new AttackSettings(
            OptionalInt.of(10),
            OptionalDouble.empty(),
            OptionalInt.empty(),
            OptionalInt.of(1),
            OptionalInt.of(40),
            false);

    @ParameterizedTest
    @Timeout(60)
    @CsvSource({"1, 1, 1, 2", "1, 4, 4, 2", "3, 3, 17, 3", "3, 17, 3, 3", "2, 5, 40, 5", "2, 40, 5, 5"})
    void everyAttackKeepsItsWord(int channels, int height, int width, int classes) {
        int size = channels * height * width;
        LinearClassifier model = new LinearClassifier(
                channels,
                size,
                classes,
                true,
                Map.of(
                        "weight",
                        Tensor.normal(DType.F32, Shape.of(classes, size), new Philox(1)),
                        "bias",
                        Tensor.normal(DType.F32, Shape.of(classes), new Philox(2))
                                .times(0.1)));
        Victim victim = Victim.of(model);
        LinearDistance exact = new LinearDistance(model.weights(), model.bias());
        Shape shape = Shape.of(channels, height, width);
        List<float[]> values = new ArrayList<>();
        int[] labels = new int[3];
        for (int i = 0; i < labels.length; i++) {
            float[] own = new float[size];
            new Philox(4, i).uniforms(0, own);
            values.add(own);
        }
        List<float[]> logits = victim.outputs(values, shape);
        for (int i = 0; i < labels.length; i++) {
            labels[i] = Logits.predicted(logits.get(i));
        }
        Images images = Images.of(values, labels, shape);
        for (Norm norm : Norm.ALL) {
            Budget budget = new Budget(norm, 0.1);
            AttackSuite suite = new AttackSuite(victim, images, budget, FEW, 1, 2, null, (name, done) -> {});
            List<AttackSuite.Outcome> outcomes = new ArrayList<>();
            for (String name : Attacks.names()) {
                try {
                    suite.check(name);
                } catch (AttackException e) {
                    assertThat(classes).as(e.getMessage()).isLessThan(4);
                    assertThat(e).hasMessageContaining("use apgd-ce");
                    continue;
                }
                outcomes.add(suite.run(name));
                for (int i = 0; i < labels.length; i++) {
                    ImageResult r = outcomes.getLast().images().get(i);
                    assertThat(r.robust() || exact.of(values.get(i), labels[i], norm) <= 0.1 * (1 + 1e-4))
                            .as("%s %s: image %d", norm.name(), name, i)
                            .isTrue();
                    assertThat(r.robust() || budget.allows(r.norm())).isTrue();
                    for (float v : r.image()) {
                        assertThat(v).isBetween(0f, 1f);
                    }
                }
            }
            assertThat(outcomes).hasSizeGreaterThan(3);
            assertThat(new SelfChecks(victim, images, budget, 2).of(outcomes)).isNotEmpty();
        }
    }
}
