package dev.canonica.cadistill.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.cadistill.attack.bound.LinearDistance;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.Attacks;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks of a linear classifier, whose robust images are known exactly. */
class LinearModelTest {
    private static final int COUNT = 32;
    private static final int SIDE = 8;

    private final LinearClassifier model = LinearClassifier.random(10, 3 * SIDE * SIDE, 1);
    private final Images images = model.images(COUNT, 3, SIDE, 2);

    @ParameterizedTest
    @ValueSource(strings = {"linf", "l2"})
    void noAttackBreaksARobustImageAndTheBestBreakAllOthers(String name) {
        Norm norm = Norm.of(name);
        LinearDistance exact = new LinearDistance(model.weights(), new double[10]);
        double[] distances = new double[COUNT];
        Arrays.setAll(distances, i -> exact.of(images.values(i), images.label(i), norm));
        double[] sorted = distances.clone();
        Arrays.sort(sorted);
        Budget budget = new Budget(norm, (sorted[COUNT / 2 - 1] + sorted[COUNT / 2]) / 2);

        assertThat(robust("apgd-t", budget, distances)).isEqualTo(COUNT / 2);
        assertThat(robust("fab-t", budget, distances)).isBetween(COUNT / 2, COUNT / 2 + 1);
        assertThat(robust("apgd-dlr", budget, distances)).isLessThan(COUNT * 3 / 4);
        int ce = robust("apgd-ce", budget, distances);
        assertThat(ce).isBetween(COUNT / 2, COUNT / 2 + 4);
        assertThat(robust("square", budget, distances)).isBetween(ce, COUNT * 7 / 8);
        assertThat(robust("pgd", budget, distances)).isLessThan(COUNT * 3 / 4);
        assertThat(robust("fgsm", budget, distances)).isLessThan(COUNT);
    }

    private int robust(String name, Budget budget, double[] distances) {
        AttackSettings settings = new AttackSettings(
                OptionalInt.empty(),
                AttackSettings.STANDARD.stepSize(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.of(1000),
                false);
        List<ImageResult> results =
                new AttackRun(Attacks.of(name, settings), Victim.of(model), images, budget).results();
        int robust = 0;
        for (int i = 0; i < COUNT; i++) {
            ImageResult r = results.get(i);
            assertThat(r.correct()).isTrue();
            assertThat(r.robust() || distances[i] <= budget.eps() * (1 + 1e-5))
                    .as("%s: image %d at %s, eps %s", name, i, distances[i], budget.eps())
                    .isTrue();
            if (name.equals("fab-t")) {
                assertThat(r.norm()).isCloseTo(distances[i], within(0.01 * distances[i]));
            } else {
                assertThat(budget.allows(r.norm())).isTrue();
            }
            robust += r.robust() ? 1 : 0;
        }
        return robust;
    }
}
