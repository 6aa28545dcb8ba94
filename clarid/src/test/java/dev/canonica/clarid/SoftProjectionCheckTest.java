package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SoftProjectionCheckTest {
    @Test
    void ritzValuesAreExactAndTheGradientVanishes() {
        assertThat(new SoftProjectionCheck().lanczosError()).isPositive().isLessThan(1e-12);
        assertThat(new SoftProjectionCheck().gradient()).isPositive().isLessThan(1e-9);
    }
}
