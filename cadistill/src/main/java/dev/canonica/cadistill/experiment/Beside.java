package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Paired;
import java.util.List;

/**
 * One kind of student beside another of the same seeds, on one measure.
 *
 * @param difference seed by seed, with Student's t; of zero count where there is nothing to be set beside
 * @param pairedT p of the paired t-test of these differences; NaN of fewer than two seeds
 * @param mcNemar p of McNemar's exact test of the images of all seeds together; NaN where the measure is no share of them
 */
record Beside(Interval difference, double pairedT, double mcNemar) {
    /** Of what stands alone. */
    static final Beside NONE = new Beside(
            new Interval(Double.NaN, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Interval.LEVEL, 0),
            Double.NaN,
            Double.NaN);

    /** Of numbers, by seed. */
    static Beside ofNumbers(double[] other, double[] own) {
        return new Beside(Means.ofDifferences(other, own), Means.pairedT(other, own), Double.NaN);
    }

    /** Of shares: right answers, by seed. */
    static Beside ofShares(List<boolean[]> other, List<boolean[]> own) {
        Beside numbers = ofNumbers(Outcomes.shares(other), Outcomes.shares(own));
        double mcNemar = Paired.of(Outcomes.joined(other), Outcomes.joined(own)).mcNemar();
        return new Beside(numbers.difference, numbers.pairedT, mcNemar);
    }

    /** Whether there is anything. */
    boolean isThere() {
        return difference.count() > 0;
    }
}
