package dev.canonica.tensor.kernel;

import java.util.Arrays;

/**
 * Products of matrices in double precision. Each element's terms are added in the order of the common dimension, one after another; blocks are widened once for
 * some rows, so that the inner loop is on arrays.
 */
final class ScalarProduct {
    private static final int ROWS = 16;
    private static final int DEPTH = 64;
    private static final int COLUMNS = 256;

    private ScalarProduct() {}

    /** C = A B, or C + A B, of each matrix of the batch. */
    static void gemm(ScalarKernels k, MatrixBatch a, MatrixBatch b, boolean accumulate, MatrixBatch c) {
        int m = c.rows();
        long work = Math.max(1, (long) c.columns() * a.columns());
        Split.range((long) c.count() * m, Math.max(ROWS, Split.GRAIN / work), (from, to) -> {
            Blocks blocks = new Blocks(k, a.columns(), c.columns());
            for (long r = from; r < to; ) {
                long matrix = r / m;
                int row = (int) (r % m);
                int rows = (int) Math.min(Math.min(ROWS, m - row), to - r);
                for (int column = 0; column < c.columns(); column += COLUMNS) {
                    blocks.multiply(a, b, accumulate, c, matrix, row, rows, column);
                }
                r += rows;
            }
        });
    }

    /** Where one thread keeps the blocks that it multiplies. */
    private static final class Blocks {
        private final ScalarKernels kernels;
        private final double[] left;
        private final double[] right;
        private final double[] sums;

        Blocks(ScalarKernels kernels, int depth, int columns) {
            this.kernels = kernels;
            int d = Math.min(DEPTH, depth);
            int n = Math.min(COLUMNS, columns);
            left = new double[ROWS * d];
            right = new double[d * n];
            sums = new double[ROWS * n]; // in double for 32-bit elements, too
        }

        void multiply(
                MatrixBatch a,
                MatrixBatch b,
                boolean accumulate,
                MatrixBatch c,
                long matrix,
                int row,
                int rows,
                int column) {
            int n = Math.min(COLUMNS, c.columns() - column);
            if (accumulate) {
                widen(c, matrix, row, rows, column, n, sums);
            } else {
                Arrays.fill(sums, 0, rows * n, 0);
            }
            for (int q = 0; q < a.columns(); q += DEPTH) {
                int depth = Math.min(DEPTH, a.columns() - q);
                widen(a, matrix, row, rows, q, depth, left);
                widen(b, matrix, q, depth, column, n, right);
                for (int i = 0; i < rows; i++) {
                    for (int p = 0; p < depth; p++) {
                        add(left[i * depth + p], right, p * n, sums, i * n, n);
                    }
                }
            }
            for (int i = 0; i < rows; i++) {
                long place = matrix * c.step() + (long) (row + i) * c.rowStride() + column;
                for (int j = 0; j < n; j++) {
                    kernels.set(c.address(), place + j, sums[i * n + j]);
                }
            }
        }

        private static void add(double v, double[] x, int at, double[] sums, int to, int n) {
            for (int j = 0; j < n; j++) {
                sums[to + j] += v * x[at + j];
            }
        }

        /** The block [row, row + rows) × [column, column + columns) as it takes part in the product, dense. */
        private void widen(MatrixBatch x, long matrix, int row, int rows, int column, int columns, double[] block) {
            long start = matrix * x.step();
            if (!x.transposed()) {
                for (int i = 0; i < rows; i++) {
                    long place = start + (long) (row + i) * x.rowStride() + column;
                    kernels.widen(x.address(), place, block, i * columns, columns);
                }
                return;
            }
            double[] line = new double[rows];
            for (int j = 0; j < columns; j++) {
                kernels.widen(x.address(), start + (long) (column + j) * x.rowStride() + row, line, 0, rows);
                for (int i = 0; i < rows; i++) {
                    block[i * columns + j] = line[i];
                }
            }
        }
    }
}
