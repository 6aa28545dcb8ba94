package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Magnitudes;
import java.util.Arrays;

/** Vectors in double precision, as rows. */
final class Vectors {
    private Vectors() {}

    static double dot(double[] x, double[] y) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 4 <= x.length; i += 4) {
            a += x[i] * y[i];
            b += x[i + 1] * y[i + 1];
            c += x[i + 2] * y[i + 2];
            d += x[i + 3] * y[i + 3];
        }
        for (; i < x.length; i++) {
            a += x[i] * y[i];
        }
        return a + b + (c + d);
    }

    /** ‖x‖, whatever its magnitude. */
    static double norm(double[] x) {
        double norm = Math.sqrt(dot(x, x));
        if (norm > 0x1p-400 && norm < 0x1p400) {
            return norm;
        }
        double near = Magnitudes.near(Arrays.stream(x).map(Math::abs).max().orElse(0), DType.F64, 0);
        double[] scaled = x.clone();
        scale(near, scaled);
        return Math.sqrt(dot(scaled, scaled)) / near;
    }

    /** y += s x. */
    static void axpy(double s, double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            y[i] += s * x[i];
        }
    }

    static void scale(double s, double[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] *= s;
        }
    }

    /** x ← (I − V Vᵀ) x for orthonormal rows of V. */
    static void removeComponents(double[] x, double[]... v) {
        for (double[] row : v) {
            axpy(-dot(row, x), row, x);
        }
    }

    /** Σ_i c_i rows_i. */
    static double[] combination(double[] c, Iterable<double[]> rows, int n) {
        double[] r = new double[n];
        int i = 0;
        for (double[] row : rows) {
            axpy(c[i++], row, r);
        }
        return r;
    }
}
