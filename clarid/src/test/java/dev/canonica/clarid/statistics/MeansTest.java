package dev.canonica.clarid.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.stat.descriptive.moment.StandardDeviation;
import org.junit.jupiter.api.Test;

class MeansTest {
    private static final double[] FIVE = {0.912, 0.905, 0.921, 0.899, 0.917};
    private static final double[] OTHERS = {0.908, 0.91, 0.915, 0.89, 0.911};

    /** scipy.stats.t.interval(0.95, 4, mean, sem) and ttest_rel. */
    @Test
    void intervalsAreThoseOfScipy() {
        Interval mean = Means.of(FIVE);
        assertThat(mean.estimate()).isCloseTo(0.9108, within(1e-14));
        assertThat(mean.low()).isCloseTo(0.8997498880020481, within(1e-12));
        assertThat(mean.high()).isCloseTo(0.921850111997952, within(1e-12));
        assertThat(mean.count()).isEqualTo(5);

        Interval difference = Means.ofDifferences(FIVE, OTHERS);
        assertThat(difference.estimate()).isCloseTo(-0.004, within(1e-14));
        assertThat(difference.low()).isCloseTo(-0.010628671835775835, within(1e-12));
        assertThat(difference.high()).isCloseTo(0.002628671835775828, within(1e-12));
        assertThat(Means.pairedT(FIVE, OTHERS)).isCloseTo(0.16916244295849567, within(1e-12));
    }

    @Test
    void oneValueHasNoBounds() {
        Interval one = Means.of(0.5);
        assertThat(one.estimate()).isEqualTo(0.5);
        assertThat(one.low()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(one.toMap()).containsOnlyKeys("estimate", "level", "n");
        assertThat(Means.of().estimate()).isNaN();
        assertThat(Means.pairedT(new double[] {1}, new double[] {2})).isNaN();
    }

    @Test
    void meansAndDeviationsAreAsGoodAsValues() {
        Interval of = Means.of(FIVE);
        Interval mean = Means.ofMoments(of.estimate(), new StandardDeviation().evaluate(FIVE), 5);
        assertThat(mean.low()).isCloseTo(of.low(), within(1e-14));
        assertThat(mean.high()).isCloseTo(of.high(), within(1e-14));
        assertThat(mean.count()).isEqualTo(5);
        assertThat(Means.ofMoments(0.5, Double.NaN, 5).toMap()).containsOnlyKeys("estimate", "level", "n");
        assertThat(Means.ofMoments(0.5, 0, 1).toMap()).containsOnlyKeys("estimate", "level", "n");
    }

    @Test
    void equalPairs() {
        assertThat(Means.pairedT(FIVE, FIVE)).isEqualTo(1);
        assertThat(Means.pairedT(new double[] {1, 2}, new double[] {2, 3})).isZero();
    }

    @Test
    void refusesWhatIsNoNumber() {
        assertThatIllegalArgumentException().isThrownBy(() -> Means.of(1, Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> Means.ofDifferences(FIVE, new double[4]));
    }
}
