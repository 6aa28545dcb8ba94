package dev.canonica.cadistill.student;

import dev.canonica.clarid.metrics.Pca;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.Shape;

/**
 * What is made of a layer's features of an image, tokens [T, D] or planes [C, H, W], for a student.
 */
public enum FeatureForm {
    /** The mean over tokens or places: [D]. */
    MEAN,
    /** All tokens or places in a row, brought down to principal components over the images. */
    TOKENS,
    /** The root of the mean square over channels at each place, [1, h, w], which has the attention map of the features themselves; T tokens are a square. */
    MAP;

    /** What is kept of each image, as it is read. */
    float[] of(float[] features, Shape shape) {
        return switch (this) {
            case MEAN -> mean(features, shape);
            case TOKENS -> features;
            case MAP -> map(features, shape);
        };
    }

    /** The shape of what {@link #of} gives. */
    Shape shape(Shape shape) {
        check(shape);
        return switch (this) {
            case MEAN -> Shape.of(shape.rank() == 2 ? shape.dim(1) : shape.dim(0));
            case TOKENS -> Shape.of(Math.toIntExact(shape.size()));
            case MAP -> {
                int h = shape.rank() == 3 ? shape.dim(1) : (int) Math.round(Math.sqrt(shape.dim(0)));
                int w = shape.rank() == 3 ? shape.dim(2) : h;
                if (shape.rank() == 2 && h * w != shape.dim(0)) {
                    throw new ModelException(
                            "features %s: %d tokens are no square of places".formatted(shape, shape.dim(0)));
                }
                yield Shape.of(1, h, w);
            }
        };
    }

    private static void check(Shape shape) {
        if (shape.rank() != 2 && shape.rank() != 3) {
            throw new ModelException(
                    "features %s of an image: tokens [T, D] or planes [C, H, W] are needed".formatted(shape));
        }
    }

    /** The finished features of all images, rows of as many values. */
    float[][] finished(float[][] kept, int rank) {
        return switch (this) {
            case MEAN -> standardised(kept);
            case TOKENS -> standardised(components(kept, rank));
            case MAP -> kept;
        };
    }

    private static float[] mean(float[] features, Shape shape) {
        boolean tokens = shape.rank() == 2;
        int d = shape.dim(tokens ? 1 : 0);
        int places = features.length / d;
        float[] mean = new float[d];
        for (int c = 0; c < d; c++) {
            double sum = 0;
            for (int p = 0; p < places; p++) {
                sum += features[tokens ? p * d + c : c * places + p];
            }
            mean[c] = (float) (sum / places);
        }
        return mean;
    }

    private static float[] map(float[] features, Shape shape) {
        boolean tokens = shape.rank() == 2;
        int d = shape.dim(tokens ? 1 : 0);
        int places = features.length / d;
        float[] map = new float[places];
        for (int p = 0; p < places; p++) {
            double squares = 0;
            for (int c = 0; c < d; c++) {
                double v = features[tokens ? p * d + c : c * places + p];
                squares += v * v;
            }
            map[p] = (float) Math.sqrt(squares / d);
        }
        return map;
    }

    private static float[][] components(float[][] rows, int rank) {
        double[][] wide = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            wide[i] = new double[rows[i].length];
            for (int j = 0; j < rows[i].length; j++) {
                wide[i][j] = rows[i][j];
            }
        }
        double[][] projected = Pca.fit(wide, rank).project(wide);
        float[][] narrow = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            narrow[i] = new float[projected[i].length];
            for (int j = 0; j < projected[i].length; j++) {
                narrow[i][j] = (float) projected[i][j];
            }
        }
        return narrow;
    }

    /** Columns of mean 0, and all values together of mean square 1: distances keep their proportions. */
    static float[][] standardised(float[][] rows) {
        int d = rows[0].length;
        double[] mean = new double[d];
        for (float[] row : rows) {
            for (int j = 0; j < d; j++) {
                mean[j] += row[j] / (double) rows.length;
            }
        }
        double squares = 0;
        for (float[] row : rows) {
            for (int j = 0; j < d; j++) {
                squares += (row[j] - mean[j]) * (row[j] - mean[j]);
            }
        }
        double scale = squares == 0 ? 1 : Math.sqrt((double) rows.length * d / squares);
        float[][] result = new float[rows.length][d];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < d; j++) {
                result[i][j] = (float) (scale * (rows[i][j] - mean[j]));
            }
        }
        return result;
    }
}
