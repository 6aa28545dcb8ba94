package dev.canonica.clarid.statistics;

import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;

/** Means of independent measurements, such as one of each seed, with the intervals of Student's t. */
public final class Means {
    private Means() {}

    /** The mean with confidence 0.95. */
    public static Interval of(double... values) {
        return of(Interval.LEVEL, values);
    }

    /**
     * The mean m and its interval, with s² the unbiased variance and t the quantile (1 + level)/2 of Student's distribution of n − 1 degrees of freedom,
     *
     * <pre>
     *   m ± t s/√n
     * </pre>
     *
     * One value says nothing of its spread: its interval is not bounded.
     *
     * @throws IllegalArgumentException if a value is not finite
     */
    public static Interval of(double level, double[] values) {
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("mean: one of the values is " + value);
            }
        }
        double mean = values.length == 0 ? Double.NaN : StatUtils.mean(values);
        return of(level, mean, StatUtils.variance(values, mean), values.length);
    }

    /**
     * As {@link #of(double...)}, of a mean of which the spread was kept instead of the values.
     *
     * @param deviation s; NaN where it is not known, whereby the interval is not bounded
     * @param count n
     */
    public static Interval ofMoments(double mean, double deviation, int count) {
        return of(Interval.LEVEL, mean, deviation * deviation, count);
    }

    private static Interval of(double level, double mean, double variance, int n) {
        if (n < 2 || Double.isNaN(variance)) {
            return new Interval(mean, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, level, n);
        }
        double half =
                new TDistribution(null, n - 1).inverseCumulativeProbability((1 + level) / 2) * Math.sqrt(variance / n);
        return new Interval(mean, mean - half, mean + half, level, n);
    }

    /**
     * The mean of the differences, second less first, of values that belong together: of the same seeds, of the same images.
     *
     * @throws IllegalArgumentException if there are not as many of one as of the other
     */
    public static Interval ofDifferences(double[] first, double[] second) {
        return of(differences(first, second));
    }

    /**
     * The two-sided p of Student's paired t-test: the probability of a mean difference at least as far from 0 were there none; 1 where no values differ,
     * NaN of fewer than two pairs.
     */
    public static double pairedT(double[] first, double[] second) {
        double[] differences = differences(first, second);
        int n = differences.length;
        if (n < 2) {
            return Double.NaN;
        }
        double mean = StatUtils.mean(differences);
        double error = Math.sqrt(StatUtils.variance(differences, mean) / n);
        if (error == 0) {
            return mean == 0 ? 1 : 0;
        }
        return 2 * new TDistribution(null, n - 1).cumulativeProbability(-Math.abs(mean / error));
    }

    private static double[] differences(double[] first, double[] second) {
        if (first.length != second.length) {
            throw new IllegalArgumentException("paired values: " + first.length + " and " + second.length);
        }
        double[] differences = new double[first.length];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = second[i] - first[i];
        }
        return differences;
    }
}
