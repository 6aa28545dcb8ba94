package dev.canonica.cadistill.attack.check;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * A linear function of features, z = ⟨w, φ⟩ + b, above 0 at one point and below at others: ridge regression of +1 and −1 in its dual form, by the Gram matrix of as many rows as there are points.
 *
 * @param w weights
 * @param b bias
 */
record Regression(double[] w, double b) {
    private static final double RIDGE = 1e-6;

    /** Such a function; empty where none is found, as where the features are the same. */
    static Optional<Regression> separating(List<float[]> features) {
        int n = features.size();
        int d = features.getFirst().length;
        double[] mean = new double[d];
        for (float[] f : features) {
            for (int i = 0; i < d; i++) {
                mean[i] += f[i] / (double) n;
            }
        }
        double[][] gram = new double[n][n];
        double trace = 0;
        for (int a = 0; a < n; a++) {
            for (int c = 0; c <= a; c++) {
                double sum = 0;
                for (int i = 0; i < d; i++) {
                    sum += (features.get(a)[i] - mean[i]) * (features.get(c)[i] - mean[i]);
                }
                gram[a][c] = sum;
                gram[c][a] = sum;
            }
            trace += gram[a][a];
        }
        if (!(trace > 0)) {
            return Optional.empty();
        }
        double[] y = new double[n];
        for (int a = 0; a < n; a++) {
            for (int c = 0; c < n; c++) {
                gram[a][c] *= n / trace; // the features' scale has no influence
            }
            gram[a][a] += RIDGE;
            y[a] = (a == 0 ? 1 : -1) - (2.0 / n - 1);
        }
        double[] alpha;
        try {
            RealMatrix k = new Array2DRowRealMatrix(gram, false);
            alpha = new CholeskyDecomposition(k)
                    .getSolver()
                    .solve(new ArrayRealVector(y, false))
                    .toArray();
        } catch (NonPositiveDefiniteMatrixException e) {
            return Optional.empty(); // features that are the same up to rounding
        }
        double[] w = new double[d];
        double b = 0;
        for (int i = 0; i < d; i++) {
            for (int a = 0; a < n; a++) {
                w[i] += alpha[a] * (features.get(a)[i] - mean[i]);
            }
            b -= w[i] * mean[i];
        }
        return new Regression(w, b).between(features);
    }

    /** With the boundary in the middle between the first point and the next, at ±1 there; empty where the first is not ahead. */
    private Optional<Regression> between(List<float[]> features) {
        double first = of(features.getFirst());
        double next = features.stream().skip(1).mapToDouble(this::of).max().orElseThrow();
        double half = (first - next) / 2;
        if (!(half > 0)) {
            return Optional.empty();
        }
        double[] scaled = w.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= half;
        }
        return Optional.of(new Regression(scaled, (b - first) / half + 1));
    }

    double of(float[] features) {
        double z = b;
        for (int i = 0; i < w.length; i++) {
            z += w[i] * features[i];
        }
        return z;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
