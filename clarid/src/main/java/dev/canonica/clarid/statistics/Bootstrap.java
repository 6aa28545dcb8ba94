package dev.canonica.clarid.statistics;

import dev.canonica.tensor.Philox;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * Intervals of statistics that have no formula for one: the statistic of many resamples of the items, drawn with replacement. B. Efron, "Better bootstrap
 * confidence intervals" (1987): BCa, which corrects for the bias of the statistic (z₀) and for a spread that changes with its value (a).
 *
 * <pre>
 *   z₀ = Φ⁻¹(share of resampled θ* below θ̂),   a = Σ dᵢ³ / 6 (Σ dᵢ²)^(3/2),   dᵢ = mean θ̂₋ − θ̂₋ᵢ of the jackknife
 *   ends: the quantiles Φ(z₀ + (z₀ + z)/(1 − a (z₀ + z))) of θ*, z = Φ⁻¹((1 ∓ level)/2)
 * </pre>
 */
public final class Bootstrap {
    /** The number of resamples unless another is given. */
    public static final int RESAMPLES = 2000;

    private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

    private Bootstrap() {}

    /** With confidence 0.95, of {@link #RESAMPLES} resamples. */
    public static Interval of(int n, ToDoubleFunction<int[]> statistic, long seed) {
        return of(n, statistic, Interval.LEVEL, RESAMPLES, seed);
    }

    /**
     * The interval of a statistic of n items.
     *
     * @param n how many items there are, at least 1
     * @param statistic of the items of these numbers, of which one may come several times; finite
     * @param seed resample r draws from stream r of it: the same bits in any order
     */
    public static Interval of(int n, ToDoubleFunction<int[]> statistic, double level, int resamples, long seed) {
        if (n < 1 || resamples < 1) {
            throw new IllegalArgumentException("bootstrap: " + resamples + " resamples of " + n + " items");
        }
        int[] all = IntStream.range(0, n).toArray();
        double estimate = finite(statistic.applyAsDouble(all));
        if (n == 1) {
            return new Interval(estimate, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, level, n);
        }
        Philox random = new Philox(seed);
        double[] resampled = new double[resamples];
        int[] drawn = new int[n];
        for (int r = 0; r < resamples; r++) {
            Philox stream = random.stream(r);
            for (int i = 0; i < n; i++) {
                drawn[i] = stream.bounded(i, n);
            }
            resampled[r] = finite(statistic.applyAsDouble(drawn));
        }
        Arrays.sort(resampled);
        double bias = bias(resampled, estimate);
        double acceleration = acceleration(n, statistic);
        double low = quantile(resampled, end(bias, acceleration, (1 - level) / 2));
        double high = quantile(resampled, end(bias, acceleration, (1 + level) / 2));
        return new Interval(estimate, low, high, level, n);
    }

    /** z₀; ties count half, and a share of 0 or 1 is taken as half a resample away from it. */
    private static double bias(double[] sorted, double estimate) {
        double below = 0;
        for (double value : sorted) {
            below += value < estimate ? 1 : value == estimate ? 0.5 : 0;
        }
        double half = 0.5 / sorted.length;
        return NORMAL.inverseCumulativeProbability(Math.clamp(below / sorted.length, half, 1 - half));
    }

    private static double acceleration(int n, ToDoubleFunction<int[]> statistic) {
        double[] without = new double[n];
        for (int left = 0; left < n; left++) {
            int[] rest = new int[n - 1];
            for (int i = 0; i < rest.length; i++) {
                rest[i] = i < left ? i : i + 1;
            }
            without[left] = finite(statistic.applyAsDouble(rest));
        }
        double mean = Arrays.stream(without).average().orElseThrow();
        double squares = 0;
        double cubes = 0;
        for (double value : without) {
            double d = mean - value;
            squares += d * d;
            cubes += d * d * d;
        }
        return squares == 0 ? 0 : cubes / (6 * Math.pow(squares, 1.5));
    }

    private static double end(double bias, double acceleration, double probability) {
        double z = bias + NORMAL.inverseCumulativeProbability(probability);
        return NORMAL.cumulativeProbability(bias + z / (1 - acceleration * z));
    }

    /** The quantile p of sorted values, linear between neighbours. */
    private static double quantile(double[] sorted, double p) {
        double at = p * (sorted.length - 1);
        int below = (int) at;
        double rest = at - below;
        return rest == 0 ? sorted[below] : sorted[below] + rest * (sorted[below + 1] - sorted[below]);
    }

    private static double finite(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("bootstrap: the statistic of a resample is " + value);
        }
        return value;
    }
}
