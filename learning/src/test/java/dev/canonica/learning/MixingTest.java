package dev.canonica.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.Philox;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Mixed batches are functions of their stream, and λ is what it says. */
class MixingTest {
    private static final int COUNT = 5;
    private static final int SIDE = 9;

    /** Image i holds i + 1 everywhere. */
    private static float[] batch() {
        float[] images = new float[COUNT * 3 * SIDE * SIDE];
        for (int i = 0; i < images.length; i++) {
            images[i] = i / (3 * SIDE * SIDE) + 1;
        }
        return images;
    }

    private static Mixing.Mixed apply(Mixing mixing, float[] images, long step) {
        return mixing.apply(images, COUNT, 3, SIDE, SIDE, new Philox(4, step));
    }

    @Test
    void mixupIsAWeightedMean() {
        float[] images = batch();
        Mixing.Mixed mixed = apply(Mixing.mixup(1), images, 7);
        assertThat(mixed.lambda()).isBetween(0.0, 1.0);
        for (int i = 0; i < COUNT; i++) {
            double wanted = mixed.lambda() * (i + 1) + (1 - mixed.lambda()) * (mixed.partner()[i] + 1);
            assertThat(images[i * 3 * SIDE * SIDE + 17]).isCloseTo((float) wanted, within(1e-5f));
        }
        float[] again = batch();
        assertThat(apply(Mixing.mixup(1), again, 7).lambda()).isEqualTo(mixed.lambda());
        assertThat(again).isEqualTo(images);
        assertThat(apply(Mixing.mixup(1), batch(), 8).lambda()).isNotEqualTo(mixed.lambda());
    }

    @Test
    void cutmixPastesTheShareThatItSays() {
        for (int step = 0; step < 50; step++) {
            float[] images = batch();
            Mixing.Mixed mixed = apply(Mixing.cutmix(1), images, step);
            for (int i = 0; i < COUNT; i++) {
                int other = mixed.partner()[i] + 1;
                int own = 0;
                for (int p = 0; p < SIDE * SIDE; p++) {
                    float v = images[i * 3 * SIDE * SIDE + p];
                    assertThat(v).isIn((float) (i + 1), (float) other);
                    own += v == i + 1 ? 1 : 0;
                }
                if (other != i + 1) {
                    assertThat((double) own / (SIDE * SIDE)).isCloseTo(mixed.lambda(), within(1e-12));
                }
            }
        }
    }

    /** Mean ½ and variance 1 / (4 (2α + 1)). */
    @Test
    void draws() {
        for (double alpha : new double[] {0.2, 1, 3}) {
            int n = 4000;
            double[] draws = new double[n];
            for (int i = 0; i < n; i++) {
                draws[i] = new Mixing.Beta(alpha).draw(new Philox(1, i));
            }
            double mean = Arrays.stream(draws).average().orElseThrow();
            double variance = Arrays.stream(draws)
                    .map(x -> (x - 0.5) * (x - 0.5))
                    .average()
                    .orElseThrow();
            assertThat(mean).isCloseTo(0.5, within(0.03));
            assertThat(variance * 4 * (2 * alpha + 1)).isCloseTo(1, within(0.08));
        }
        assertThatThrownBy(() -> Mixing.mixup(0)).hasMessage("mixing: alpha 0.0: a number above 0 is needed");
    }
}
