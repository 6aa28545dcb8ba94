package dev.canonica.tensor.function;

/** The normal distribution in double precision. */
final class Normal {
    private static final double SERIES_LIMIT = 3;
    private static final int TERMS = 120;

    private Normal() {}

    /** φ(x) = e^(−x²/2) / √(2π). */
    static double density(double x) {
        return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    }

    /**
     * Φ(x), to 3e-13 of it or better. For |x| up to 3 by Φ(x) = 1/2 + φ(x) Σ xᵏ / k!! over odd k (Abramowitz &amp; Stegun 26.2.11), which cancels
     * on the left, and costs three digits of Φ(−3); beyond by Laplace's continued fraction of the tail (26.2.14),
     * φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))).
     */
    static double distribution(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        if (Math.abs(x) <= SERIES_LIMIT) {
            double term = x;
            double sum = x;
            for (int k = 3; k < 2 * TERMS; k += 2) {
                term *= x * x / k;
                double next = sum + term;
                if (next == sum) {
                    break;
                }
                sum = next;
            }
            return 0.5 + density(x) * sum;
        }
        double z = Math.abs(x);
        double f = z;
        for (int k = TERMS; k > 0; k--) {
            f = z + k / f;
        }
        double tail = density(x) / f;
        return x < 0 ? tail : 1 - tail;
    }
}
