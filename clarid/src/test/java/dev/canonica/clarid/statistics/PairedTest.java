package dev.canonica.clarid.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedTest {
    /** scipy.stats.binomtest(min(b, c), b + c, 0.5), and 1 where nothing differs. */
    @ParameterizedTest
    @CsvSource({
        "10, 25, 0.016673847800120715",
        "25, 10, 0.016673847800120715",
        "1, 8, 0.0390625",
        "0, 5, 0.0625",
        "7, 7, 1",
        "0, 0, 1",
        "120, 171, 0.0033087986331269033"
    })
    void mcNemarIsExact(long first, long second, double p) {
        assertThat(new Paired(400, first, second, 30).mcNemar()).isCloseTo(p, within(1e-12));
    }

    /** The lesser half of the distribution, and with equal sides more than half, is all of it to either side: not one rounding less. */
    @Test
    void mcNemarOfEvenSplitsIsOne() {
        for (int k = 0; k < 300; k++) {
            assertThat(new Paired(9, k, k, 2).mcNemar()).isEqualTo(1);
            assertThat(new Paired(9, k, k + 1, 2).mcNemar()).isEqualTo(1);
            assertThat(new Paired(9, k + 1, k, 2).mcNemar()).isEqualTo(1);
            assertThat(new Paired(9, k, k + 2, 2).mcNemar()).isLessThan(1);
        }
    }

    /** The first is the example of Newcombe 1998 (0.0569 to 0.3404); the ends without any difference are Wilson's of 54. */
    @ParameterizedTest
    @CsvSource({
        "36, 2, 12, 0, 0.2, 0.05692958400323869, 0.3404276029749407",
        "53, 0, 0, 1, 0, -0.07293814547857687, 0.07293814547857687",
        "1, 1, 97, 1, 0.96, 0.8736721762007447, 0.9850257703740076",
        "54, 0, 0, 0, 0, -0.06641358809089626, 0.06641358809089626"
    })
    void differenceIsNewcombes(
            long both, long first, long second, long neither, double difference, double low, double high) {
        Interval interval = new Paired(both, first, second, neither).difference();
        assertThat(interval.estimate()).isCloseTo(difference, within(1e-13));
        assertThat(interval.low()).isCloseTo(low, within(1e-13));
        assertThat(interval.high()).isCloseTo(high, within(1e-13));
        Interval turned = new Paired(both, second, first, neither).difference();
        assertThat(turned.low()).isCloseTo(-high, within(1e-13));
        assertThat(turned.high()).isCloseTo(-low, within(1e-13));
    }

    @Test
    void countsImageByImage() {
        boolean[] first = {true, true, false, false, true, true};
        boolean[] second = {true, false, true, false, true, false};
        assertThat(Paired.of(first, second)).isEqualTo(new Paired(2, 2, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Paired.of(first, new boolean[5]));
    }
}
