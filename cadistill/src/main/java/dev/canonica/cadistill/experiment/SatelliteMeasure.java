package dev.canonica.cadistill.experiment;

import dev.canonica.data.named.Satellite;
import java.util.function.ToDoubleFunction;

/** What is measured of a patch that was changed by way of its latent: a number in a row. Values are in standard deviations of their band. */
enum SatelliteMeasure implements ToDoubleFunction<double[]> {
    /** The variance of the eight neighbours about their own mean, over the bands. */
    CONTEXT,
    /** The squared difference of the centre to the original's, over the bands. */
    CENTRE_ERROR,
    /** The squared difference of all numbers to the reconstruction's. */
    CHANGE,
    /** That of the centre's numbers, so that it is a share of {@link #CHANGE}. */
    CENTRE_CHANGE,
    /** The square of what was removed of the latent. */
    REMOVED,
    /** That of it in the centre. */
    CENTRE_REMOVED,
    /** 1 where the nearest patches, by all numbers, have its class. */
    RIGHT,
    /** 1 where the nearest patches, by the centre's numbers, have its class. */
    CENTRE_RIGHT;

    private static final int CENTRE = Satellite.PIXELS / 2;

    @Override
    public double applyAsDouble(double[] row) {
        return row[ordinal()];
    }

    /**
     * All of them of one patch but its class.
     *
     * @param of as it is now
     * @param original as it was
     * @param reconstruction with nothing removed
     * @param removed of its latent
     */
    static double[] row(double[] of, double[] original, double[] reconstruction, double[] removed) {
        double[] row = new double[values().length];
        for (int band = 0; band < Satellite.BANDS; band++) {
            int at = band * Satellite.PIXELS;
            double mean = 0;
            for (int p = 0; p < Satellite.PIXELS; p++) {
                mean += p == CENTRE ? 0 : of[at + p] / (Satellite.PIXELS - 1);
            }
            for (int p = 0; p < Satellite.PIXELS; p++) {
                double change = square(of[at + p] - reconstruction[at + p]);
                double gone = square(removed[at + p]);
                row[CHANGE.ordinal()] += change / Satellite.NUMBERS;
                row[REMOVED.ordinal()] += gone;
                if (p == CENTRE) {
                    row[CENTRE_CHANGE.ordinal()] += change / Satellite.NUMBERS;
                    row[CENTRE_REMOVED.ordinal()] += gone;
                    row[CENTRE_ERROR.ordinal()] += square(of[at + p] - original[at + p]) / Satellite.BANDS;
                } else {
                    row[CONTEXT.ordinal()] += square(of[at + p] - mean) / ((Satellite.PIXELS - 1) * Satellite.BANDS);
                }
            }
        }
        return row;
    }

    /** The share of a direction's energy that lies in the centre; of a random one a ninth. */
    static double share(double[] v) {
        double centre = 0;
        double all = 0;
        for (int i = 0; i < v.length; i++) {
            all += v[i] * v[i];
            centre += i % Satellite.PIXELS == CENTRE ? v[i] * v[i] : 0;
        }
        return centre / all;
    }

    private static double square(double v) {
        return v * v;
    }
}
