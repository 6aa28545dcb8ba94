package dev.canonica.clarid.metrics;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;

/**
 * The adaptive number of directions, from singular values σ_1 … σ_n (CLARID, arXiv 2506.09955):
 *
 * <pre>
 *   S_k = Σ_{i≤k} σ_i² / Σ_{j≤n} σ_j²                              the share of explained variance
 *   k*  = the k whose point (k, S_k) is farthest from the line through (1, S_1) and (n, S_n)
 * </pre>
 *
 * <p>The ratio is inside the n values given, so S_n = 1. The distance is absolute: the curve may lie below the line,
 * where the values are not sorted. Of distances within 10⁻¹² of the greatest the smallest k is taken. For n ≤ 2 and for
 * a straight curve k* = 1; if all values are 0, k* = 1 and S is 0.
 *
 * @param evr S_1 … S_n
 * @param distance the distance of (k, S_k) from the line, for k = 1 … n; the ends have 0
 * @param k k*, counted from 1
 */
public record Elbow(double[] evr, double[] distance, int k) {
    private static final double TIE = 1e-12;

    /** The elbow of singular values (not of their squares), at least one. */
    public static Elbow of(double... singularValues) {
        int n = singularValues.length;
        if (n == 0) {
            throw new IllegalArgumentException("elbow: no singular values");
        }
        double[] evr = explainedVariance(singularValues);
        double[] distance = new double[n];
        if (n <= 2 || evr[n - 1] == 0) {
            return new Elbow(evr, distance, 1);
        }
        double dx = n - 1;
        double dy = evr[n - 1] - evr[0];
        double length = Math.hypot(dx, dy);
        for (int i = 0; i < n; i++) {
            distance[i] = Math.abs(dy * i - dx * (evr[i] - evr[0])) / length;
        }
        double greatest = Arrays.stream(distance).max().orElseThrow();
        int k = 1;
        while (distance[k - 1] < greatest - TIE) {
            k++;
        }
        return new Elbow(evr, distance, k);
    }

    private static double[] explainedVariance(double[] singularValues) {
        double largest = 0;
        for (double s : singularValues) {
            if (!Double.isFinite(s)) {
                throw new IllegalArgumentException("elbow: a singular value is " + s);
            }
            if (s < 0) {
                throw new IllegalArgumentException("elbow: a singular value is " + s + "; none is less than 0");
            }
            largest = Math.max(largest, s);
        }
        int n = singularValues.length;
        double[] evr = new double[n];
        if (largest == 0) {
            return evr;
        }
        // A power of two, so that squares neither overflow nor vanish and nothing is rounded.
        int exponent = Math.getExponent(largest);
        double sum = 0;
        for (int i = 0; i < n; i++) {
            double s = Math.scalb(singularValues[i], -exponent);
            sum += s * s;
            evr[i] = sum;
        }
        for (int i = 0; i < n; i++) {
            evr[i] /= sum;
        }
        return evr;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
