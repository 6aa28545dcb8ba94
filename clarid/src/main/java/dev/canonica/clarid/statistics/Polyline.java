package dev.canonica.clarid.statistics;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntToDoubleFunction;

/** A curve through points in any order, linear between neighbours in x. */
public final class Polyline {
    private Polyline() {}

    /**
     * y where x is {@code wanted}; beyond the ends that of the end.
     *
     * @param x of each point, at least two
     * @param y of each point, asked of two points at most
     */
    public static double at(double wanted, double[] x, IntToDoubleFunction y) {
        Integer[] order = new Integer[x.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> x[i]));
        int right = 1;
        while (right < order.length - 1 && x[order[right]] < wanted) {
            right++;
        }
        int from = order[right - 1];
        int to = order[right];
        double span = x[to] - x[from];
        double end = y.applyAsDouble(to);
        if (span == 0) {
            return end;
        }
        double start = y.applyAsDouble(from);
        return start + Math.clamp((wanted - x[from]) / span, 0, 1) * (end - start);
    }

    /** Whether there are points on both sides of a value, or at it. */
    public static boolean reaches(double wanted, double[] x) {
        return Arrays.stream(x).min().orElseThrow() <= wanted
                && wanted <= Arrays.stream(x).max().orElseThrow();
    }
}
