package dev.canonica.clarid.statistics;

import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * Two answers, right or wrong, to each of the same questions: two models on the same images. Only the images on which they differ tell the models apart.
 *
 * @param both right by both
 * @param first right by the first alone
 * @param second right by the second alone
 * @param neither right by neither
 */
public record Paired(long both, long first, long second, long neither) {

    /** Checks that no count is negative. */
    public Paired {
        if (both < 0 || first < 0 || second < 0 || neither < 0) {
            throw new IllegalArgumentException(
                    "paired: negative counts: %d, %d, %d, %d".formatted(both, first, second, neither));
        }
    }

    /**
     * Counts, image by image.
     *
     * @throws IllegalArgumentException if there are not as many of one as of the other
     */
    public static Paired of(boolean[] first, boolean[] second) {
        if (first.length != second.length) {
            throw new IllegalArgumentException("paired: " + first.length + " answers and " + second.length);
        }
        long[] counts = new long[4];
        for (int i = 0; i < first.length; i++) {
            counts[(first[i] ? 0 : 2) + (second[i] ? 0 : 1)]++;
        }
        return new Paired(counts[0], counts[1], counts[2], counts[3]);
    }

    /** The number of pairs. */
    public long count() {
        return both + first + second + neither;
    }

    /**
     * The exact test of McNemar, "Note on the sampling error of the difference between correlated proportions or percentages" (1947): the
     * probability, were both equally often right, of a split of the differing pairs at least as uneven as this one, to either side. With b and c the
     * differing pairs, min(1, 2 P(Binomial(b + c, ½) ≤ min(b, c))); 1 where none differ.
     */
    public double mcNemar() {
        long differing = first + second;
        if (Math.abs(first - second) <= 1) {
            return 1; // the lesser side's half of the distribution, or more
        }
        BinomialDistribution split = new BinomialDistribution(null, Math.toIntExact(differing), 0.5);
        return Math.min(1, 2 * split.cumulativeProbability(Math.toIntExact(Math.min(first, second))));
    }

    /** The difference of the shares of right answers, second less first, with confidence 0.95. */
    public Interval difference() {
        return difference(Interval.LEVEL);
    }

    /**
     * The difference of the shares of right answers, second less first, by Newcombe, "Improved confidence intervals for the difference between
     * binomial proportions based on paired data" (1998), method 10: with p₁, p₂ the shares, (lᵢ, uᵢ) their Wilson intervals, φ the correlation of the
     * answers (its numerator, where positive, lessened by n/2),
     *
     * <pre>
     *   low  = p₂ − p₁ − √((p₂ − l₂)² − 2φ (p₂ − l₂)(u₁ − p₁) + (u₁ − p₁)²)
     *   high = p₂ − p₁ + √((u₂ − p₂)² − 2φ (u₂ − p₂)(p₁ − l₁) + (p₁ − l₁)²)
     * </pre>
     */
    public Interval difference(double level) {
        long n = count();
        if (n == 0) {
            return new Interval(Double.NaN, -1, 1, level, 0);
        }
        Interval one = new Proportion(both + first, n).wilson(level);
        Interval two = new Proportion(both + second, n).wilson(level);
        double phi = correlation();
        double difference = ((double) second - first) / n;
        double down = distance(two.estimate() - two.low(), one.high() - one.estimate(), phi);
        double up = distance(two.high() - two.estimate(), one.estimate() - one.low(), phi);
        return new Interval(difference, Math.max(-1, difference - down), Math.min(1, difference + up), level, n);
    }

    private static double distance(double a, double b, double phi) {
        return Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
    }

    private double correlation() {
        double margins = (double) (both + first) * (second + neither) * (both + second) * (first + neither);
        if (margins == 0) {
            return 0;
        }
        double numerator = (double) both * neither - (double) first * second;
        double corrected = numerator > 0 ? Math.max(0, numerator - count() / 2.0) : numerator;
        return corrected / Math.sqrt(margins);
    }
}
