package dev.canonica.autodiff.check;

/** Sizes of and distances between arrays, in plain double loops: no tensor operation judges itself. */
final class Norms {
    private Norms() {}

    /** max |xᵢ|; NaN if one is. */
    static double max(double[] x) {
        double m = 0;
        for (double v : x) {
            m = Math.max(m, Math.abs(v));
        }
        return m;
    }

    /** max |xᵢ − yᵢ|; NaN if one is. */
    static double distance(double[] x, double[] y) {
        if (x.length != y.length) {
            throw new IllegalArgumentException("distance: " + x.length + " and " + y.length + " numbers");
        }
        double m = 0;
        for (int i = 0; i < x.length; i++) {
            m = Math.max(m, x[i] == y[i] ? 0 : Math.abs(x[i] - y[i])); // equal infinities are no distance apart
        }
        return m;
    }

    /** ⟨x, y⟩. */
    static double dot(double[] x, double[] y) {
        double s = 0;
        for (int i = 0; i < x.length; i++) {
            s += x[i] * y[i];
        }
        return s;
    }

    /** √⟨x, x⟩. */
    static double euclidean(double[] x) {
        return Math.sqrt(dot(x, x));
    }

    /** {@code error / scale}, where no error on no scale is none. */
    static double relative(double error, double scale) {
        return error == 0 ? 0 : error / scale;
    }
}
