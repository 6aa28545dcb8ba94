package dev.canonica.clarid.metrics;

import dev.canonica.tensor.Philox;

/** Random rows for tests. */
final class Matrices {
    private Matrices() {}

    /** Standard normal numbers, [n, d]. */
    static double[][] normal(int n, int d, long seed) {
        double[][] rows = new double[n][d];
        for (int i = 0; i < n; i++) {
            new Philox(seed, i).normals(0, rows[i]);
        }
        return rows;
    }

    /** Labels 0 … k − 1, [n]. */
    static int[] labels(int n, int k, long seed) {
        int[] labels = new int[n];
        Philox random = new Philox(seed);
        for (int i = 0; i < n; i++) {
            labels[i] = random.bounded(i, k);
        }
        return labels;
    }

    /** Vectors around centres far apart, the i-th around centre i mod k: [n, d]. */
    static double[][] blobs(int n, int d, int k, double spread, long seed) {
        double[][] centres = normal(k, d, seed);
        double[][] rows = normal(n, d, seed + 1);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < d; j++) {
                rows[i][j] = 10 * centres[i % k][j] + spread * rows[i][j];
            }
        }
        return rows;
    }
}
