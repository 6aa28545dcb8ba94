package dev.canonica.tensor.operation;

/** The LQ factorisation of a matrix of at most as many rows as columns (Golub &amp; Van Loan 2013, Algorithm 5.2.1, of the transpose). */
final class Householder {
    private Householder() {}

    /**
     * A = L Q. Each row is scaled by a power of two, so that no square of it overflows or vanishes; L's rows take the scales.
     *
     * @param a rows, which become those of Q
     * @return L, lower triangular, with a diagonal that is not negative
     */
    static double[][] lq(double[][] a) {
        int m = a.length;
        int n = a[0].length;
        int[] exponents = new int[m];
        for (int i = 0; i < m; i++) {
            exponents[i] = Doubles.scaleDown(a[i]);
        }
        double[] tau = new double[m];
        for (int k = 0; k < m; k++) {
            tau[k] = reflect(a[k], k);
            for (int i = k + 1; i < m; i++) {
                apply(tau[k], a[k], k, a[i]);
            }
        }
        double[] sign = new double[m];
        double[][] l = new double[m][m];
        for (int i = 0; i < m; i++) {
            sign[i] = a[i][i] < 0 ? -1 : 1;
            for (int k = 0; k <= i; k++) {
                l[i][k] = Math.scalb(sign[k] * a[i][k], exponents[i]);
            }
        }
        for (int k = m - 1; k >= 0; k--) { // rows after k are those of H_{k+1} … H_m by now
            for (int i = k + 1; i < m; i++) {
                a[i][k] = 0;
                apply(tau[k], a[k], k, a[i]);
            }
            for (int j = k + 1; j < n; j++) {
                a[k][j] *= -tau[k];
            }
            a[k][k] = 1 - tau[k];
            for (int j = 0; j < k; j++) {
                a[k][j] = 0;
            }
            Doubles.scale(sign[k], a[k]);
        }
        return l;
    }

    /** Makes x_k e_k of x from element k on, and keeps the reflection's v, whose first element is 1, behind it; returns its τ. */
    private static double reflect(double[] x, int k) {
        double tail = Doubles.dot(x, x, k + 1);
        if (tail == 0) {
            return 0; // nothing to reflect
        }
        double alpha = x[k];
        double beta = -Math.copySign(Math.sqrt(alpha * alpha + tail), alpha);
        for (int j = k + 1; j < x.length; j++) {
            x[j] /= alpha - beta;
        }
        x[k] = beta;
        return (beta - alpha) / beta;
    }

    /** y ← y (I − τ v vᵀ). */
    private static void apply(double tau, double[] v, int k, double[] y) {
        if (tau == 0) {
            return;
        }
        double factor = tau * (y[k] + Doubles.dot(v, y, k + 1));
        y[k] -= factor;
        Doubles.axpy(-factor, v, y, k + 1);
    }
}
