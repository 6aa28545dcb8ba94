package dev.canonica.tensor.operation;

import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/**
 * Systems of linear equations, and Cholesky factors: matrices are the last two axes of tensors of a real type, leading axes a batch. The processor computes in double, whatever
 * the type; results go back to the tensor's device.
 */
public final class LinearSystems {
    private LinearSystems() {}

    /**
     * X of A X = B, by Gaussian elimination with partial pivoting (Golub &amp; Van Loan 2013, Algorithm 3.4.1).
     *
     * @param a [..., n, n]
     * @param b [..., n, k], of the same leading axes
     * @throws IllegalArgumentException if shapes do not fit, or a matrix is singular to double precision, or not finite
     */
    public static Tensor solve(Tensor a, Tensor b) {
        square("solve", a);
        Operands.sameType("solve", a, b);
        Shape batch = a.shape().slice(0, a.rank() - 2);
        int n = a.dim(-1);
        if (b.rank() != a.rank()
                || b.dim(-2) != n
                || !b.shape().slice(0, b.rank() - 2).equals(batch)) {
            throw new IllegalArgumentException(
                    "solve: right sides [..., " + n + ", k] of " + a.shape() + " needed, not " + b.shape());
        }
        int k = b.dim(-1);
        double[] left = a.toDoubles();
        double[] right = b.toDoubles();
        for (int i = 0; i < batch.size(); i++) {
            double[][] rows = new double[n][n + k];
            for (int r = 0; r < n; r++) {
                System.arraycopy(left, (i * n + r) * n, rows[r], 0, n);
                System.arraycopy(right, (i * n + r) * k, rows[r], n, k);
            }
            eliminate(rows, n, a.shape());
            for (int r = 0; r < n; r++) {
                System.arraycopy(rows[r], n, right, (i * n + r) * k, k);
            }
        }
        return Tensor.of(a.device(), right, b.shape().dims()).to(a.dtype());
    }

    /** The solution in the columns from n on. */
    private static void eliminate(double[][] rows, int n, Shape shape) {
        double greatest = 0;
        for (double[] row : rows) {
            for (int c = 0; c < n; c++) {
                greatest = Math.max(greatest, Math.abs(row[c])); // NaN stays
            }
        }
        for (int c = 0; c < n; c++) {
            int pivot = c;
            for (int r = c + 1; r < n; r++) {
                pivot = Math.abs(rows[r][c]) > Math.abs(rows[pivot][c]) ? r : pivot;
            }
            if (!(Math.abs(rows[pivot][c]) > n * Math.ulp(1.0) * greatest && greatest < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("solve: a matrix of shape " + shape
                        + " is singular, or not finite: pivot " + rows[pivot][c] + " in column " + c);
            }
            double[] swap = rows[c];
            rows[c] = rows[pivot];
            rows[pivot] = swap;
            for (int r = c + 1; r < n; r++) {
                Doubles.axpy(-rows[r][c] / rows[c][c], rows[c], rows[r], c);
            }
        }
        for (int c = n - 1; c >= 0; c--) {
            for (int j = n; j < rows[c].length; j++) {
                rows[c][j] /= rows[c][c];
            }
            for (int r = 0; r < c; r++) {
                Doubles.axpy(-rows[r][c], rows[c], rows[r], n);
            }
        }
    }

    /**
     * The lower triangular L of A = L Lᵀ (Golub &amp; Van Loan 2013, Algorithm 4.2.1), with a positive diagonal.
     *
     * @param a symmetric [..., n, n], of which the lower triangle is read
     * @throws IllegalArgumentException if a matrix is not square, or not positive definite to double precision
     */
    public static Tensor cholesky(Tensor a) {
        square("cholesky", a);
        int n = a.dim(-1);
        double[] x = a.toDoubles();
        double[] l = new double[x.length];
        for (int base = 0; base < x.length; base += n * n) {
            for (int j = 0; j < n; j++) {
                for (int i = j; i < n; i++) {
                    double sum = x[base + i * n + j];
                    for (int k = 0; k < j; k++) {
                        sum -= l[base + i * n + k] * l[base + j * n + k];
                    }
                    if (i == j && !(sum > n * Math.ulp(1.0) * Math.abs(x[base + i * n + i]))) {
                        throw new IllegalArgumentException("cholesky: a matrix of shape " + a.shape()
                                + " is not positive definite: pivot " + sum + " in row " + i);
                    }
                    l[base + i * n + j] = i == j ? Math.sqrt(sum) : sum / l[base + j * n + j];
                }
            }
        }
        return Tensor.of(a.device(), l, a.shape().dims()).to(a.dtype());
    }

    private static void square(String operation, Tensor a) {
        if (a.rank() < 2 || a.dim(-1) != a.dim(-2) || a.dim(-1) == 0) {
            throw new IllegalArgumentException(
                    operation + ": square matrices [..., n, n] needed, shape is " + a.shape());
        }
        if (!a.dtype().isReal()) {
            throw new IllegalArgumentException(operation + ": F32 or F64 needed, not " + a.dtype());
        }
    }
}
