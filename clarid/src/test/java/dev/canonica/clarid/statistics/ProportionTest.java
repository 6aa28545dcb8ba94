package dev.canonica.clarid.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.distribution.BinomialDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProportionTest {
    /** scipy.stats.binomtest(k, n).proportion_ci: Wilson's at 0.95, the exact one at 0.99. */
    @ParameterizedTest
    @CsvSource({
        "0, 20, 0.0, 0.16112515805281935, 0.0, 0.23272950098858936",
        "1, 20, 0.008881448800795402, 0.23613119344674205, 0.0002505956868217365, 0.3171417347570953",
        "15, 20, 0.5312991223812561, 0.8881382985923344, 0.4402390922415609, 0.9416660639410905",
        "81, 263, 0.2552885198782742, 0.36620957698280004, 0.236837358165538, 0.38625832566994095",
        "263, 263, 0.9856039655993808, 1.0, 0.9800558752232369, 1.0",
        "9400, 10000, 0.9351742118231694, 0.9444878696106351, 0.9336203231073031, 0.9459564799414121"
    })
    void intervalsAreThoseOfScipy(
            long successes, long trials, double low, double high, double exactLow, double exactHigh) {
        Proportion share = new Proportion(successes, trials);
        assertThat(share.wilson().low()).isCloseTo(low, within(1e-13));
        assertThat(share.wilson().high()).isCloseTo(high, within(1e-13));
        assertThat(share.wilson().estimate()).isEqualTo((double) successes / trials);
        assertThat(share.wilson().count()).isEqualTo(trials);
        assertThat(share.clopperPearson(0.99).low()).isCloseTo(exactLow, within(1e-11));
        assertThat(share.clopperPearson(0.99).high()).isCloseTo(exactHigh, within(1e-11));
    }

    /** Cohen, Rosenfeld and Kolter's bound on a class's probability: all of 100 000 draws, α = 0.001, give 0.001^(1/100000). */
    @Test
    void oneSidedBounds() {
        assertThat(new Proportion(100_000, 100_000).lower(0.001)).isCloseTo(Math.pow(0.001, 1e-5), within(1e-12));
        assertThat(new Proportion(99_990, 100_000).lower(0.001)).isCloseTo(0.9997586773435911, within(1e-11));
        assertThat(new Proportion(0, 100_000).upper(0.001)).isCloseTo(1 - Math.pow(0.001, 1e-5), within(1e-12));
        assertThat(new Proportion(0, 10).lower(0.5)).isZero();
        assertThat(new Proportion(10, 10).upper(0.5)).isEqualTo(1);
    }

    /** Summed over all outcomes, the exact interval covers the truth at least as often as it says, Wilson's nearly so. */
    @Test
    void intervalsCoverTheTruth() {
        for (double p : new double[] {0.02, 0.1, 0.5, 0.83, 0.97}) {
            int n = 41;
            BinomialDistribution outcomes = new BinomialDistribution(null, n, p);
            double exact = 0;
            double wilson = 0;
            for (int k = 0; k <= n; k++) {
                Proportion share = new Proportion(k, n);
                exact += share.clopperPearson(0.9).contains(p) ? outcomes.probability(k) : 0;
                wilson += share.wilson(0.9).contains(p) ? outcomes.probability(k) : 0;
            }
            assertThat(exact).as("exact at %s", p).isGreaterThanOrEqualTo(0.9 - 1e-9);
            assertThat(wilson).as("Wilson at %s", p).isGreaterThan(0.85);
        }
    }

    @Test
    void ofNoTrialsNothingIsKnown() {
        Interval nothing = new Proportion(0, 0).wilson();
        assertThat(nothing.estimate()).isNaN();
        assertThat(nothing.low()).isZero();
        assertThat(nothing.high()).isEqualTo(1);
        assertThat(nothing.toMap()).doesNotContainKey("estimate").containsEntry("n", 0L);
    }

    @Test
    void countsFlagsAndRefusesOthers() {
        assertThat(Proportion.of(new boolean[] {true, false, true})).isEqualTo(new Proportion(2, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> new Proportion(3, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> new Proportion(1, 2).wilson(1));
    }
}
