package dev.canonica.clarid.sweep;

import dev.canonica.clarid.statistics.Bootstrap;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Polyline;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A setting beside a control that has a parameter: at the point of the control's curve, over all images together, that has the same mean of one measure (SSIM, or change), what does it have
 * of another? The curve goes from the reconstruction over the control's grid, linear between its points ({@link Polyline}). An interval resamples images, and the curve with them.
 */
public final class ControlCurve {
    /** Of the bootstrap. */
    public static final int RESAMPLES = 1000;

    private static final double MOST = 1e9;

    private final double[][] reconstruction; // [N][M]
    private final double[][][] control; // [G][N][M]

    /**
     * A curve.
     *
     * @param reconstruction rows of measures of each image with nothing changed [N][M]
     * @param control likewise at each point of the control's grid [G][N][M]
     */
    public ControlCurve(double[][] reconstruction, double[][][] control) {
        this.reconstruction = reconstruction;
        this.control = control;
    }

    /** How two sums are compared. */
    public enum By {
        /** The setting's divided by the control's. */
        RATIO,
        /** The setting's mean less the control's. */
        DIFFERENCE
    }

    /**
     * The comparison, with its interval; empty where the control's curve does not reach the setting's value.
     *
     * @param setting rows of measures [N][M]
     * @param equal the measure in which both are alike
     * @param measured the measure that is compared
     * @param seed of the resamples
     */
    public Optional<Interval> compare(
            double[][] setting,
            ToDoubleFunction<double[]> equal,
            ToDoubleFunction<double[]> measured,
            By by,
            long seed) {
        int n = setting.length;
        return Double.isFinite(estimate(setting, equal, measured, by))
                ? Optional.of(Bootstrap.of(
                        n, drawn -> compared(setting, equal, measured, by, drawn), Interval.LEVEL, RESAMPLES, seed))
                : Optional.empty();
    }

    /** As {@link #compare}, the number alone; NaN where the control's curve does not reach the setting's value. */
    public double estimate(
            double[][] setting, ToDoubleFunction<double[]> equal, ToDoubleFunction<double[]> measured, By by) {
        return setting.length == 0 || !reaches(setting, equal)
                ? Double.NaN
                : compared(setting, equal, measured, by, all(setting.length));
    }

    private double compared(
            double[][] setting,
            ToDoubleFunction<double[]> equal,
            ToDoubleFunction<double[]> measured,
            By by,
            int[] drawn) {
        double own = mean(setting, measured, drawn);
        double other = Polyline.at(
                mean(setting, equal, drawn), points(equal, drawn), point -> mean(point(point), measured, drawn));
        return by == By.RATIO ? ratio(own, other) : own - other;
    }

    /** Of sums that are not negative; of nothing to nothing 1, of something to nothing more than any that is measured. */
    public static double ratio(double own, double other) {
        if (other > 0) {
            return own / other;
        }
        return own > 0 ? MOST : 1;
    }

    /** Whether the control's curve gets to the setting's mean of a measure. */
    boolean reaches(double[][] setting, ToDoubleFunction<double[]> equal) {
        int[] all = all(setting.length);
        return Polyline.reaches(mean(setting, equal, all), points(equal, all));
    }

    private static int[] all(int n) {
        int[] all = new int[n];
        Arrays.setAll(all, i -> i);
        return all;
    }

    /** The curve's means: of the reconstruction, then of the grid. */
    double[] points(ToDoubleFunction<double[]> measure, int[] drawn) {
        double[] points = new double[control.length + 1];
        Arrays.setAll(points, point -> mean(point(point), measure, drawn));
        return points;
    }

    private double[][] point(int number) {
        return number == 0 ? reconstruction : control[number - 1];
    }

    /** The mean of a measure over some of the rows. */
    public static double mean(double[][] rows, ToDoubleFunction<double[]> measure, int[] drawn) {
        double sum = 0;
        for (int i : drawn) {
            sum += measure.applyAsDouble(rows[i]);
        }
        return sum / drawn.length;
    }
}
