package dev.canonica.clarid.statistics;

import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * Intervals of statistics that items drawn twice would change by themselves, such as the agreement of two labellings, for which the bootstrap says more than there is: by leaving out one
 * item at a time (Tukey 1958; Efron and Stein 1981).
 *
 * <pre>
 *   θ̂ ± t s,   s² = (n − 1)/n Σ (θ̂₋ᵢ − mean θ̂₋)²,   t the quantile (1 + level)/2 of Student's distribution of n − 1 degrees of freedom
 * </pre>
 */
public final class Jackknife {
    private Jackknife() {}

    /**
     * With confidence 0.95.
     *
     * @param n how many items there are
     * @param statistic of the items of these numbers, of which each comes once; finite
     */
    public static Interval of(int n, ToDoubleFunction<int[]> statistic) {
        double estimate = statistic.applyAsDouble(IntStream.range(0, n).toArray());
        if (n < 3) {
            return new Interval(estimate, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Interval.LEVEL, n);
        }
        double[] without = IntStream.range(0, n)
                .mapToDouble(left -> statistic.applyAsDouble(
                        IntStream.range(0, n).filter(i -> i != left).toArray()))
                .toArray();
        double mean = 0;
        for (double value : without) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("jackknife: the statistic without an item is " + value);
            }
            mean += value / n;
        }
        double squares = 0;
        for (double value : without) {
            squares += (value - mean) * (value - mean);
        }
        double half = new TDistribution(null, n - 1).inverseCumulativeProbability((1 + Interval.LEVEL) / 2)
                * Math.sqrt((n - 1.0) / n * squares);
        return new Interval(estimate, estimate - half, estimate + half, Interval.LEVEL, n);
    }
}
