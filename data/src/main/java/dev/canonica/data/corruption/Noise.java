package dev.canonica.data.corruption;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Noise: Gaussian, Poisson, salt and pepper, and speckle. */
final class Noise {
    private Noise() {}

    /** x + c₀ n. */
    static Pixels gaussian(Pixels x, double[] c, Fields fields) {
        double[] n = fields.normals("normal", x.values().length);
        Pixels y = x.like();
        for (int i = 0; i < n.length; i++) {
            y.values()[i] = (x.values()[i] + c[0] * n[i]) * 255;
        }
        return y;
    }

    /** x + x c₀ n. */
    static Pixels speckle(Pixels x, double[] c, Fields fields) {
        double[] n = fields.normals("normal", x.values().length);
        Pixels y = x.like();
        for (int i = 0; i < n.length; i++) {
            y.values()[i] = (x.values()[i] + x.values()[i] * (c[0] * n[i])) * 255;
        }
        return y;
    }

    /**
     * k / c₀, where k photons are Poisson of mean c₀ x: the least k with P(K ≤ k) ≥ u.
     *
     * <p>An image has at most 256 different means; the sums of each are made once.
     */
    static Pixels shot(Pixels x, double[] c, Fields fields) {
        double[] u = fields.uniforms("uniform", x.values().length);
        double[] @Nullable [] sums = new double[256][];
        Pixels y = x.like();
        for (int i = 0; i < u.length; i++) {
            int level = (int) Math.rint(x.values()[i] * 255);
            double[] known = sums[level];
            if (known == null) {
                known = poisson(x.values()[i] * c[0]);
                sums[level] = known;
            }
            int at = Arrays.binarySearch(known, u[i]);
            y.values()[i] = (at < 0 ? -at - 1 : at) / c[0] * 255;
        }
        return y;
    }

    /** P(K ≤ k) for k = 0, 1, … up to the last that is less than 1 in double precision. */
    private static double[] poisson(double mean) {
        double[] sums = new double[(int) (mean + 12 * Math.sqrt(mean) + 40)];
        double probability = StrictMath.exp(-mean);
        double sum = 0;
        for (int k = 0; k < sums.length; k++) {
            sum += probability;
            probability *= mean / (k + 1);
            if (sum >= 1 || sum + probability == sum && k > mean) {
                return Arrays.copyOf(sums, k);
            }
            sums[k] = sum;
        }
        return sums;
    }

    /** Each value by itself: with probability c₀ 1 or 0, as often one as the other. */
    static Pixels impulse(Pixels x, double[] c, Fields fields) {
        double[] which = fields.uniforms("uniform", x.values().length);
        double[] salt = fields.uniforms("uniform2", x.values().length);
        Pixels y = x.like();
        for (int i = 0; i < which.length; i++) {
            double value = which[i] <= c[0] ? (salt[i] <= 0.5 ? 1 : 0) : x.values()[i];
            y.values()[i] = value * 255;
        }
        return y;
    }
}
