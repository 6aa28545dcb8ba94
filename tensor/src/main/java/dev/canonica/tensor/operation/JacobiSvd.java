package dev.canonica.tensor.operation;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The thin SVD of a matrix A of at most as many rows as columns, by Jacobi rotations of the rows of L, where A = L P (Hestenes 1958; Drmač &amp;
 * Veselić 2008 for the factorisation before it, which leaves small rows to rotate and most of the work done).
 *
 * <pre>
 *   Wᵀ L = Σ Z, W a product of rotations, rows of Z orthonormal          A = W Σ (Z P)
 * </pre>
 *
 * @param left columns of W as rows [m][m]
 * @param values descending [m]
 * @param right rows of Z P [m][n]
 */
record JacobiSvd(double[][] left, double[] values, double[][] right) {
    private static final int SWEEPS = 60; // some ten are usual
    private static final double LEAST = 1e-150; // of a greatest element near 1: its square is lost

    /** Overwrites the matrix. */
    static JacobiSvd of(double[][] a) {
        int m = a.length;
        int exponent = Doubles.scaleDown(a);
        double[][] x = Householder.lq(a); // rows of L, which become those of Σ Z
        double[][] w = new double[m][m];
        for (int i = 0; i < m; i++) {
            w[i][i] = 1;
        }
        orthogonalise(x, w);
        double[] norms = new double[m];
        Integer[] order = new Integer[m];
        for (int i = 0; i < m; i++) {
            norms[i] = Math.sqrt(Doubles.dot(x[i], x[i], 0));
            order[i] = i;
        }
        Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -norms[i])); // stable
        double[][] left = new double[m][];
        double[][] z = new double[m][];
        double[] values = new double[m];
        for (int i = 0; i < m; i++) {
            left[i] = w[order[i]];
            z[i] = x[order[i]];
            double norm = norms[order[i]];
            if (norm > LEAST) {
                Doubles.scale(1 / norm, z[i]);
                values[i] = Math.scalb(norm, exponent);
            } else {
                complete(z, i);
            }
        }
        double[][] right = new double[m][a[0].length];
        for (int i = 0; i < m; i++) {
            for (int k = 0; k < m; k++) {
                Doubles.axpy(z[i][k], a[k], right[i], 0);
            }
        }
        return new JacobiSvd(left, values, right);
    }

    /** Rotates pairs of rows, of w as of x, until all of x are orthogonal to rounding. The longer of a pair goes first (de Rijk 1989). */
    private static void orthogonalise(double[][] x, double[][] w) {
        int m = x.length;
        double tolerance = Math.sqrt(m) * Math.ulp(1.0);
        boolean rotated = true;
        for (int sweep = 0; rotated; sweep++) {
            if (sweep == SWEEPS) {
                throw new IllegalStateException("svd: no convergence in " + SWEEPS + " sweeps, " + m + " rows");
            }
            rotated = false;
            for (int p = 0; p < m; p++) {
                for (int q = p + 1; q < m; q++) {
                    double xx = Doubles.dot(x[p], x[p], 0);
                    double yy = Doubles.dot(x[q], x[q], 0);
                    if (xx < yy) {
                        swap(x, p, q);
                        swap(w, p, q);
                        double t = xx;
                        xx = yy;
                        yy = t;
                    }
                    double xy = Doubles.dot(x[p], x[q], 0);
                    if (Math.abs(xy) > tolerance * Math.sqrt(xx) * Math.sqrt(yy)) {
                        double zeta = (yy - xx) / (2 * xy);
                        double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
                        double c = 1 / Math.hypot(1, t);
                        rotate(x[p], x[q], c, c * t);
                        rotate(w[p], w[q], c, c * t);
                        rotated = true;
                    }
                }
            }
        }
    }

    private static void swap(double[][] rows, int p, int q) {
        double[] t = rows[p];
        rows[p] = rows[q];
        rows[q] = t;
    }

    /** x ← c x − s y, y ← s x + c y. */
    private static void rotate(double[] x, double[] y, double c, double s) {
        for (int i = 0; i < x.length; i++) {
            double old = x[i];
            x[i] = c * old - s * y[i];
            y[i] = s * old + c * y[i];
        }
    }

    /** Makes row i, of a singular value of 0, a unit vector orthogonal to those before it: of one of the axes, the part that they leave. */
    private static void complete(double[][] z, int i) {
        int m = z[i].length;
        double longest = 0;
        double[] best = z[i];
        for (int axis = 0; axis < m && longest < 0.5; axis++) { // some axis has at least √((m − i) / m) left
            double[] e = new double[m];
            e[axis] = 1;
            for (int pass = 0; pass < 2; pass++) {
                for (int k = 0; k < i; k++) {
                    Doubles.axpy(-Doubles.dot(z[k], e, 0), z[k], e, 0);
                }
            }
            double norm = Math.sqrt(Doubles.dot(e, e, 0));
            if (norm > longest) {
                longest = norm;
                best = e;
                Doubles.scale(1 / norm, best);
            }
        }
        z[i] = best;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
