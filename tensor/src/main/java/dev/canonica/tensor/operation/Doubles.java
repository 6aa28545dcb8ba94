package dev.canonica.tensor.operation;

/** Vectors in double on the heap. */
final class Doubles {
    private Doubles() {}

    /** Σ x_i y_i from an index on, in four sums. */
    static double dot(double[] x, double[] y, int from) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
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

    /** y += s x from an index on. */
    static void axpy(double s, double[] x, double[] y, int from) {
        for (int i = from; i < x.length; i++) {
            y[i] += s * x[i];
        }
    }

    static void scale(double s, double[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] *= s;
        }
    }

    /** Divides all of these by one power of two, so that the greatest is from 1 to 2; returns its exponent. */
    static int scaleDown(double[]... rows) {
        double greatest = 0;
        for (double[] row : rows) {
            for (double x : row) {
                greatest = Math.max(greatest, Math.abs(x));
            }
        }
        if (greatest == 0) {
            return 0;
        }
        int exponent = Math.getExponent(greatest);
        for (double[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                row[i] = Math.scalb(row[i], -exponent);
            }
        }
        return exponent;
    }
}
