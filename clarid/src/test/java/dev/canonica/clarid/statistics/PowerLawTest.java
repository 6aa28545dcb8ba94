package dev.canonica.clarid.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PowerLawTest {
    @Test
    void findsTheLawOfPointsOnIt() {
        double[] x = {0.5, 1, 3, 20};
        PowerLaw law = PowerLaw.fit(
                x, Arrays.stream(x).map(v -> 2.5 * Math.pow(v, 0.75)).toArray());
        assertThat(law.exponent()).isEqualTo(0.75, within(1e-12));
        assertThat(law.factor()).isEqualTo(2.5, within(1e-12));
        assertThat(law.determination()).isEqualTo(1, within(1e-12));
        assertThat(law.at(100)).isEqualTo(2.5 * Math.pow(100, 0.75), within(1e-9));
    }

    /** By hand: logarithms to the base 2 of x are 0, 1, 2, those of y 0, 2, 1: the slope is 1/2, and R² = (1/2)² · 2 / 2. */
    @Test
    void takesTheLeastSquaresOfLogarithms() {
        PowerLaw law = PowerLaw.fit(new double[] {1, 2, 4}, new double[] {1, 4, 2});
        assertThat(law.exponent()).isEqualTo(0.5, within(1e-12));
        assertThat(law.factor()).isEqualTo(Math.sqrt(2), within(1e-12));
        assertThat(law.determination()).isEqualTo(0.25, within(1e-12));
    }

    @Test
    void constantsAreExplained() {
        assertThat(PowerLaw.fit(new double[] {1, 2}, new double[] {3, 3}).determination())
                .isEqualTo(1);
    }

    @Test
    void refusesWhatHasNoLine() {
        assertThatThrownBy(() -> PowerLaw.fit(new double[] {2, 2}, new double[] {1, 3}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two different x");
        assertThatThrownBy(() -> PowerLaw.fit(new double[] {1, 2}, new double[] {1, 0}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("positive");
    }
}
