package dev.canonica.cadistill.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Linf;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.AttackSuite;
import dev.canonica.cadistill.attack.method.Attacks;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.operation.NonFiniteException;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What noise before a classifier may not do to figures; and what a classifier is not asked, or not believed. */
class NoisyAttackTest {
    private static final AttackSettings SHORT = new AttackSettings(
            OptionalInt.of(1),
            OptionalDouble.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.of(1),
            false);

    private final LinearClassifier model = LinearClassifier.random(10, 3 * 4 * 4, 1);
    private final Images images = model.images(48, 3, 4, 2);

    /** With so much noise many images are right by chance; an attack that may change nothing breaks none of them by another draw alone. */
    @Test
    void noiseAloneBreaksNothing() {
        Victim noisy = Victim.of(model).randomised(0.3, 1);
        Budget none = new Budget(new Linf(), 1e-7);
        AttackSuite suite = new AttackSuite(noisy, images, none, SHORT, 3, 16, null, (name, done) -> {});
        AttackSuite.Outcome standard = suite.run(Attacks.STANDARD);
        boolean[] correct = new boolean[images.size()];
        for (String name : List.of("fgsm", "square")) {
            AttackSuite.Outcome single = suite.run(name);
            assertThat(single.correct()).isBetween(1, images.size() - 1);
            for (int i = 0; i < correct.length; i++) {
                assertThat(single.images().get(i).correct())
                        .as("%s, image %d", name, i)
                        .isEqualTo(standard.images().get(i).correct());
            }
        }
        for (ImageResult r : standard.images()) {
            // broken means changed, and looked at again: never because another attack drew other noise
            assertThat(r.robust() || !r.correct() || r.norm() > 0).isTrue();
        }
    }

    /** √(x − x): its logits are numbers, its gradient is none. */
    private static Changed blind(LinearClassifier of) {
        return new Changed(of, x -> x.plus(x.minus(x).sqrt()));
    }

    /** 2^31 values and more: said with the batch that fits, before any are gathered. */
    @Test
    void aBatchThatNoArrayHoldsIsRefused() {
        float[] one = new float[3 * 1024 * 1024];
        Questions questions = new Questions(Victim.of(model), Shape.of(3, 1024, 1024), 1000);
        assertThatThrownBy(() -> questions.logits(Collections.nCopies(700, one)))
                .isInstanceOf(AttackException.class)
                .hasMessage(
                        "a batch of 700 images of shape [3, 1024, 1024] is more than one array holds; --batch may be 682");
    }

    @Test
    void aGradientThatIsNoNumberIsNoRobustness() {
        AttackRun run = new AttackRun(
                Attacks.of("pgd", AttackSettings.STANDARD),
                Victim.of(blind(model)),
                images,
                new Budget(new Linf(), 0.1));
        assertThatThrownBy(run::results)
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("the gradient of the loss holds NaN");
    }
}
