package dev.canonica.cadistill.attack.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.LinearClassifier;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.Linf;
import org.junit.jupiter.api.Test;

class VerificationTest {
    @Test
    void aLengthThatIsNoNumberIsAMiss() {
        LinearClassifier model = LinearClassifier.random(4, 3 * 4 * 4, 1);
        Images images = model.images(2, 3, 4, 2);
        Verification verification = new Verification(Victim.of(model), images, new Budget(new Linf(), 0.1), 2);
        boolean[] robust = {true, true};
        assertThat(verification.misses(images, robust, new double[2])).isEmpty();
        assertThat(verification.misses(images, robust, new double[] {0, Double.NaN}))
                .containsExactly("image 1: the perturbation has length 0.0, not NaN");
    }
}
