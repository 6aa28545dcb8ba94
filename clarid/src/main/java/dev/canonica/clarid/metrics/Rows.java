package dev.canonica.clarid.metrics;

import java.util.Arrays;

/** Sums over rows of numbers: the loops that the measures share. */
final class Rows {
    /** What rounding leaves of a unit vector in the span of others, per square root of its length. */
    private static final double DEPENDENT = 0x1p-50;

    /** Squares of numbers up to 2^400 and of 2^−400, and sums of them, are far from double's bounds. */
    private static final int FAR = 400;

    private Rows() {}

    /** Throws unless all rows have the same length and finite values. */
    static void check(String operation, double[][] rows) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != rows[0].length) {
                throw new IllegalArgumentException(
                        operation + ": row " + i + " has " + rows[i].length + " values, row 0 has " + rows[0].length);
            }
            for (double value : rows[i]) {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException(operation + ": a value of row " + i + " is " + value);
                }
            }
        }
    }

    /** [n, d] to [d, n]. */
    static double[][] transpose(double[][] rows) {
        int width = rows.length == 0 ? 0 : rows[0].length;
        double[][] columns = new double[width][rows.length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < width; j++) {
                columns[j][i] = rows[i][j];
            }
        }
        return columns;
    }

    /** y ← y + a x. */
    static void addScaled(double[] y, double a, double[] x) {
        for (int i = 0; i < y.length; i++) {
            y[i] += a * x[i];
        }
    }

    /** ⟨x, y⟩, in four sums that the processor can work on side by side. */
    static double dot(double[] x, double[] y) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = 0;
        for (; i + 3 < x.length; i += 4) {
            sum0 += x[i] * y[i];
            sum1 += x[i + 1] * y[i + 1];
            sum2 += x[i + 2] * y[i + 2];
            sum3 += x[i + 3] * y[i + 3];
        }
        for (; i < x.length; i++) {
            sum0 += x[i] * y[i];
        }
        return sum0 + sum1 + (sum2 + sum3);
    }

    /** The exponent of the greatest magnitude, where squares of the numbers could leave the range of double; 0 elsewhere. */
    static int exponent(double[][] rows) {
        double largest = 0;
        for (double[] row : rows) {
            for (double value : row) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        int exponent = largest == 0 ? 0 : Math.getExponent(largest);
        return Math.abs(exponent) <= FAR ? 0 : exponent;
    }

    /** Rows times 2^exponent; the rows themselves where that is 1. */
    static double[][] scaled(double[][] rows, int exponent) {
        return exponent == 0
                ? rows
                : Arrays.stream(rows)
                        .map(row -> Arrays.stream(row)
                                .map(v -> Math.scalb(v, exponent))
                                .toArray())
                        .toArray(double[][]::new);
    }

    /** What is made of squares, of numbers 2^exponent times as great; NaN where that is no normal number. */
    static double squared(double value, int exponent) {
        double scaled = Math.scalb(value, 2 * exponent);
        return value != 0 && (Double.isInfinite(scaled) || Math.abs(scaled) < Double.MIN_NORMAL) ? Double.NaN : scaled;
    }

    /** ‖x‖, free of overflow and underflow. */
    static double norm(double[] x) {
        double largest = 0;
        for (double value : x) {
            largest = Math.max(largest, Math.abs(value));
        }
        if (largest == 0) {
            return 0;
        }
        int exponent = Math.getExponent(largest);
        double sum = 0;
        for (double value : x) {
            double scaled = Math.scalb(value, -exponent);
            sum += scaled * scaled;
        }
        return Math.scalb(Math.sqrt(sum), exponent);
    }

    /** The mean of each column. */
    static double[] mean(double[][] rows) {
        double[] mean = new double[rows[0].length];
        for (double[] row : rows) {
            addScaled(mean, 1, row);
        }
        for (int j = 0; j < mean.length; j++) {
            mean[j] /= rows.length;
        }
        return mean;
    }

    /**
     * An orthonormal basis, as rows, of the span of the rows given: modified Gram and Schmidt, each row twice (Giraud,
     * Langou, Rozložník 2005: twice is enough). Rows that depend on those before, but for rounding, add nothing; how
     * the rows are scaled does not matter.
     */
    static double[][] orthonormal(double[][] rows) {
        double[][] basis = new double[rows.length][];
        int rank = 0;
        for (double[] row : rows) {
            double length = norm(row);
            if (length == 0) {
                continue;
            }
            double[] rest = new double[row.length];
            for (int j = 0; j < rest.length; j++) {
                rest[j] = row[j] / length;
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int b = 0; b < rank; b++) {
                    addScaled(rest, -dot(basis[b], rest), basis[b]);
                }
            }
            double left = norm(rest);
            if (left > DEPENDENT * Math.sqrt(row.length)) {
                for (int j = 0; j < rest.length; j++) {
                    rest[j] /= left;
                }
                basis[rank++] = rest;
            }
        }
        return Arrays.copyOf(basis, rank);
    }
}
