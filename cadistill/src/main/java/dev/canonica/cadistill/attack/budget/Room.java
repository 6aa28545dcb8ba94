package dev.canonica.cadistill.attack.budget;

/** How far each value of an image may move in the direction in which a linear function of weights w rises, or falls, before the box [0, 1] ends. */
final class Room {
    private final float[] x;
    private final double[] w;
    private final int way;

    /**
     * The room around a point.
     *
     * @param rise how much the function is to grow: its sign says which way values move
     */
    Room(float[] x, double[] w, double rise) {
        this.x = x;
        this.w = w;
        this.way = rise < 0 ? -1 : 1;
    }

    static double[] widened(float[] w) {
        double[] wide = new double[w.length];
        for (int i = 0; i < w.length; i++) {
            wide[i] = w[i];
        }
        return wide;
    }

    /** Which way value i moves: 1 or −1. */
    int sign(int i) {
        return w[i] < 0 ? -way : way;
    }

    /** How far it may. */
    double of(int i) {
        return sign(i) > 0 ? 1 - (double) x[i] : x[i];
    }

    /**
     * The root of the concave, piecewise linear f(λ) = Σ slopeᵢ min(λ, kinkᵢ) at the height c ≥ 0; infinite where f stays below. Newton's method from 0 does
     * not pass it, and ends as soon as no kink lies between two steps.
     *
     * @param slopes not negative; where one is 0, its kink has no influence
     */
    static double solve(double[] slopes, double[] kinks, double c) {
        double lambda = 0;
        while (true) {
            double flat = 0;
            double slope = 0;
            for (int i = 0; i < slopes.length; i++) {
                if (slopes[i] > 0) {
                    if (kinks[i] <= lambda) {
                        flat += slopes[i] * kinks[i];
                    } else {
                        slope += slopes[i];
                    }
                }
            }
            if (slope == 0) {
                return c <= flat ? lambda : Double.POSITIVE_INFINITY;
            }
            double next = (c - flat) / slope;
            if (!(next > lambda)) {
                return lambda;
            }
            lambda = next;
        }
    }
}
