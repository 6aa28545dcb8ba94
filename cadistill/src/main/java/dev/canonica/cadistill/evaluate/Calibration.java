package dev.canonica.cadistill.evaluate;

import dev.canonica.clarid.statistics.Bootstrap;
import dev.canonica.clarid.statistics.Interval;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a model is right as often as it says: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks" (2017). Images are
 * put into {@value #BINS} bins of equal width by the confidence of their prediction, ((b − 1)/B, b/B],
 *
 * <pre>
 *   ECE = Σ_b (n_b / n) |accuracy of bin b − mean confidence of bin b|
 * </pre>
 */
public final class Calibration {
    /** Number of bins. */
    public static final int BINS = 15;

    private static final long SEED = 1;

    private Calibration() {}

    /**
     * One bin.
     *
     * @param low confidences above this
     * @param high and up to this
     * @param count images in it
     * @param confidence their mean confidence; NaN of none
     * @param accuracy the share that is classified rightly; NaN of none
     */
    public record Bin(double low, double high, int count, double confidence, double accuracy) {}

    /** The bins, of which some may be empty. */
    public static List<Bin> bins(Answers answers) {
        int[] counts = new int[BINS];
        double[] confidence = new double[BINS];
        double[] right = new double[BINS];
        for (Answer a : answers.answers()) {
            int b = bin(a.confidence());
            counts[b]++;
            confidence[b] += a.confidence();
            right[b] += a.right() ? 1 : 0;
        }
        List<Bin> bins = new ArrayList<>();
        for (int b = 0; b < BINS; b++) {
            bins.add(new Bin(
                    (double) b / BINS, (b + 1.0) / BINS, counts[b], confidence[b] / counts[b], right[b] / counts[b]));
        }
        return bins;
    }

    /** The expected calibration error, with the bootstrap's interval over images (BCa, of a fixed seed). */
    public static Interval ece(Answers answers) {
        int n = answers.size();
        int[] bins = new int[n];
        double[] gaps = new double[n];
        for (int i = 0; i < n; i++) {
            Answer a = answers.answers().get(i);
            bins[i] = bin(a.confidence());
            gaps[i] = (a.right() ? 1 : 0) - a.confidence();
        }
        return Bootstrap.of(
                n,
                items -> {
                    double[] sums = new double[BINS];
                    for (int i : items) {
                        sums[bins[i]] += gaps[i];
                    }
                    double error = 0;
                    for (double sum : sums) {
                        error += Math.abs(sum);
                    }
                    return error / items.length;
                },
                SEED);
    }

    private static int bin(double confidence) {
        return Math.clamp((int) Math.ceil(confidence * BINS) - 1, 0, BINS - 1);
    }
}
