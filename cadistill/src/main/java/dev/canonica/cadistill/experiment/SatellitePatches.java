package dev.canonica.cadistill.experiment;

import dev.canonica.clarid.metrics.Knn;
import dev.canonica.data.named.Satellite;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Patches as networks take them, each band with mean 0 and variance 1 over those that are learned from, and nearest neighbours among these as judges of a patch's class. */
final class SatellitePatches {
    private static final int NEIGHBOURS = 5;

    /** How far from the origin rows are lifted, in the greatest norm of them: then cosines order as distances do. */
    private static final double LIFT = 1e3;

    private final Satellite set;
    private final float[][] values;
    private final double reach;
    private final Knn whole;
    private final Knn centre;

    SatellitePatches(Satellite set) {
        this.set = set;
        double[] mean = new double[Satellite.BANDS];
        double[] square = new double[Satellite.BANDS];
        for (int i = 0; i < Satellite.LEARNED; i++) {
            float[] patch = set.patch(i);
            for (int j = 0; j < patch.length; j++) {
                mean[j / Satellite.PIXELS] += patch[j] / ((double) Satellite.LEARNED * Satellite.PIXELS);
                square[j / Satellite.PIXELS] +=
                        (double) patch[j] * patch[j] / ((double) Satellite.LEARNED * Satellite.PIXELS);
            }
        }
        this.values = new float[set.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = set.patch(i);
            for (int j = 0; j < values[i].length; j++) {
                int band = j / Satellite.PIXELS;
                values[i][j] =
                        (float) ((values[i][j] - mean[band]) / Math.sqrt(square[band] - mean[band] * mean[band]));
            }
        }
        double[][] learned = IntStream.range(0, Satellite.LEARNED)
                .mapToObj(i -> doubles(values[i]))
                .toArray(double[][]::new);
        this.reach = LIFT
                * Arrays.stream(learned)
                        .mapToDouble(SatellitePatches::norm)
                        .max()
                        .orElseThrow();
        int[] labels = IntStream.range(0, Satellite.LEARNED).map(set::label).toArray();
        this.whole = Knn.of(lifted(learned), labels, NEIGHBOURS);
        this.centre = Knn.of(lifted(centres(learned)), labels, NEIGHBOURS);
    }

    /** Those that are learned from. */
    TrainingData learned() {
        ImageSource source = ImageSource.of(
                Satellite.LEARNED,
                Shape.of(Satellite.BANDS, Satellite.SIDE, Satellite.SIDE),
                set::label,
                (i, out, offset) -> System.arraycopy(values[i], 0, out, offset, values[i].length));
        return TrainingData.read(source, "Satellite", set.classes(), done -> {});
    }

    /** How many are held out. */
    int held() {
        return set.size() - Satellite.LEARNED;
    }

    /** Held-out patches as [to − from, {@value Satellite#BANDS}, {@value Satellite#SIDE}, {@value Satellite#SIDE}]. */
    Tensor held(int from, int to) {
        float[] all = new float[(to - from) * Satellite.NUMBERS];
        for (int i = from; i < to; i++) {
            System.arraycopy(values[Satellite.LEARNED + i], 0, all, (i - from) * Satellite.NUMBERS, Satellite.NUMBERS);
        }
        return Tensor.of(all, to - from, Satellite.BANDS, Satellite.SIDE, Satellite.SIDE);
    }

    /** The class of the centre of a held-out patch. */
    int label(int i) {
        return set.label(Satellite.LEARNED + i);
    }

    /** The classes that the nearest patches give to rows [m][36], by all of their numbers. */
    int[] byWhole(double[][] rows) {
        return whole.predict(lifted(rows));
    }

    /** The classes that the nearest patches give to rows [m][36], by the centre's four numbers. */
    int[] byCentre(double[][] rows) {
        return centre.predict(lifted(centres(rows)));
    }

    /** On a sphere so large that it is flat here: (x, √(R² − ‖x‖²)), of which cosines are 1 − ‖x − y‖² / 2R² up to ‖x‖⁴/R⁴. */
    private double[][] lifted(double[][] rows) {
        double[][] lifted = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            int d = rows[i].length;
            lifted[i] = Arrays.copyOf(rows[i], d + 1);
            double norm = norm(rows[i]);
            lifted[i][d] = Math.sqrt(Math.max(0, reach * reach - norm * norm));
        }
        return lifted;
    }

    private static double[][] centres(double[][] rows) {
        return Arrays.stream(rows)
                .map(row -> IntStream.range(0, Satellite.BANDS)
                        .mapToDouble(band -> row[band * Satellite.PIXELS + Satellite.PIXELS / 2])
                        .toArray())
                .toArray(double[][]::new);
    }

    private static double norm(double[] row) {
        return Math.sqrt(Arrays.stream(row).map(v -> v * v).sum());
    }

    private static double[] doubles(float[] row) {
        double[] all = new double[row.length];
        Arrays.setAll(all, i -> row[i]);
        return all;
    }
}
