package dev.canonica.clarid.statistics;

import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * So many successes in so many independent trials, such as images that were classified rightly.
 *
 * @param successes 0 … {@code trials}
 * @param trials at least 0
 */
public record Proportion(long successes, long trials) {

    /** Checks that there are no more successes than trials. */
    public Proportion {
        if (successes < 0 || successes > trials) {
            throw new IllegalArgumentException("proportion: " + successes + " of " + trials);
        }
    }

    /** The trues among flags. */
    public static Proportion of(boolean[] flags) {
        int successes = 0;
        for (boolean flag : flags) {
            successes += flag ? 1 : 0;
        }
        return new Proportion(successes, flags.length);
    }

    /** The share of successes; NaN of no trials. */
    public double estimate() {
        return (double) successes / trials;
    }

    /** Wilson's interval with confidence 0.95. */
    public Interval wilson() {
        return wilson(Interval.LEVEL);
    }

    /**
     * The interval of Wilson, "Probable inference, the law of succession, and statistical inference" (1927): the p whose normal approximation
     * does not reject p̂, with z the quantile (1 + level)/2 of the standard normal,
     *
     * <pre>
     *   (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n)
     * </pre>
     *
     * It keeps its confidence near 0 and 1 and for few trials, where p̂ ± z√(p̂(1 − p̂)/n) does not. Of no trials it is [0, 1].
     */
    public Interval wilson(double level) {
        if (trials == 0) {
            return new Interval(Double.NaN, 0, 1, level, 0);
        }
        double z = new NormalDistribution(null, 0, 1).inverseCumulativeProbability((1 + level) / 2);
        double p = estimate();
        double share = z * z / trials;
        double centre = (p + share / 2) / (1 + share);
        double half = z * Math.sqrt(p * (1 - p) / trials + share / (4 * trials)) / (1 + share);
        // exact ends: rounding would leave 1e-17 there
        double low = successes == 0 ? 0 : centre - half;
        double high = successes == trials ? 1 : centre + half;
        return new Interval(p, low, high, level, trials);
    }

    /**
     * The interval of Clopper and Pearson, "The use of confidence or fiducial limits" (1934), which never has less than its confidence:
     * quantiles of Beta(k, n − k + 1) and Beta(k + 1, n − k).
     */
    public Interval clopperPearson(double level) {
        double outside = (1 - level) / 2;
        return new Interval(estimate(), lower(outside), upper(outside), level, trials);
    }

    /**
     * The one-sided bound of Clopper and Pearson: the true proportion is at least this with confidence 1 − {@code alpha}, as certified radii need it
     * (Cohen, Rosenfeld, Kolter 2019).
     *
     * @param alpha the probability, in (0, 1), with which the bound may fail
     */
    public double lower(double alpha) {
        return successes == 0 ? 0 : quantile(successes, trials - successes + 1.0, alpha);
    }

    /** The one-sided bound of Clopper and Pearson from above. */
    public double upper(double alpha) {
        return successes == trials ? 1 : quantile(successes + 1.0, trials - successes, 1 - alpha);
    }

    private static double quantile(double a, double b, double p) {
        return new BetaDistribution(null, a, b, 1e-13).inverseCumulativeProbability(p);
    }
}
