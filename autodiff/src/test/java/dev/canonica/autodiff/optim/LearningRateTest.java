package dev.canonica.autodiff.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void constant() {
        assertThat(LearningRate.constant(0.3).at(0)).isEqualTo(0.3);
        assertThat(LearningRate.constant(0.3).at(1_000_000)).isEqualTo(0.3);
    }

    @Test
    void warmup() {
        LearningRate r = LearningRate.warmup(2, 4);
        assertThat(r.at(0)).isEqualTo(0.5);
        assertThat(r.at(2)).isEqualTo(1.5);
        assertThat(r.at(3)).isEqualTo(2);
        assertThat(r.at(99)).isEqualTo(2);
        assertThat(LearningRate.warmup(2, 0).at(0)).isEqualTo(2);
    }

    @Test
    void warmupAndCosine() {
        LearningRate r = LearningRate.warmupCosine(1, 10, 30, 0.1);
        assertThat(r.at(0)).isEqualTo(0.1);
        assertThat(r.at(9)).isEqualTo(1);
        assertThat(r.at(10)).isEqualTo(1);
        assertThat(r.at(15)).isCloseTo(0.1 + 0.9 * (1 + Math.sqrt(0.5)) / 2, within(1e-12));
        assertThat(r.at(20)).isCloseTo(0.55, within(1e-12));
        assertThat(r.at(30)).isEqualTo(0.1);
        assertThat(r.at(1000)).isEqualTo(0.1);
        for (int step = 10; step < 30; step++) {
            assertThat(r.at(step + 1)).isLessThan(r.at(step));
        }
    }

    @Test
    void refusesAWarmupLongerThanTheTraining() {
        assertThatThrownBy(() -> LearningRate.warmupCosine(1, 11, 10, 0))
                .hasMessage("learning rate: 11 steps of warmup within 10");
        assertThatThrownBy(() -> LearningRate.warmup(1, -1)).hasMessageContaining("-1 steps of warmup");
    }
}
