package dev.canonica.clarid.statistics;

import java.util.stream.IntStream;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/**
 * y = c x^p, by least squares of the logarithms.
 *
 * @param exponent p
 * @param factor c
 * @param determination R² of the logarithms: the share of their variance that the line explains
 */
public record PowerLaw(double exponent, double factor, double determination) {
    /**
     * The line through at least two different x.
     *
     * @param x positive
     * @param y positive, as many
     * @throws IllegalArgumentException if there are fewer, or one is not positive
     */
    public static PowerLaw fit(double[] x, double[] y) {
        if (x.length != y.length || IntStream.range(0, x.length).anyMatch(i -> !(x[i] > 0) || !(y[i] > 0))) {
            throw new IllegalArgumentException("power law: as many x as y are needed, and all of them positive");
        }
        SimpleRegression line = new SimpleRegression();
        for (int i = 0; i < x.length; i++) {
            line.addData(Math.log(x[i]), Math.log(y[i]));
        }
        if (Double.isNaN(line.getSlope())) {
            throw new IllegalArgumentException("power law: at least two different x are needed");
        }
        double spread = line.getTotalSumSquares();
        return new PowerLaw(line.getSlope(), Math.exp(line.getIntercept()), spread > 0 ? line.getRSquare() : 1);
    }

    /** y at an x. */
    public double at(double x) {
        return factor * Math.pow(x, exponent);
    }
}
