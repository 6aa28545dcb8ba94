package dev.canonica.tensor.operation;

import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Systems of linear equations, and Cholesky factors: matrices are the last two axes of tensors of a real type, leading axes a batch. The processor computes in double, whatever
 * the type; results go back to the tensor's device.
 */
public final class LinearSystems {
    private LinearSystems() {}

    /**
     * X of A X = B, by Gaussian elimination with partial pivoting (Golub &amp; Van Loan 2013, Algorithm 3.4.1). Pivots are compared as if rows, then columns, were multiplied by powers of two
     * that bring their greatest elements near 1: a system is not singular for the units of its equations or unknowns.
     *
     * @param a [..., n, n]
     * @param b [..., n, k], of the same leading axes
     * @throws IllegalArgumentException if shapes do not fit, or a matrix is singular to double precision, or not finite
     */
    public static Tensor solve(Tensor a, Tensor b) {
        return solved("solve", a, b, rows -> eliminate(rows, a.dim(-1), a.shape()));
    }

    /**
     * X of A X = B for a triangular A, by substitution, whatever the scale of its rows: that of which only one triangle is read.
     *
     * @param a [..., n, n]
     * @param b [..., n, k], of the same leading axes
     * @param upper whether the upper triangle is read, or the lower one
     * @throws IllegalArgumentException if shapes do not fit, or an element of the diagonal is 0 or not finite
     */
    public static Tensor solveTriangular(Tensor a, Tensor b, boolean upper) {
        return solved("solveTriangular", a, b, rows -> substitute(rows, a.dim(-1), upper, a.shape()));
    }

    private static void substitute(double[][] rows, int n, boolean upper, Shape shape) {
        for (int i = 0; i < n; i++) {
            int c = upper ? n - 1 - i : i;
            double pivot = rows[c][c];
            if (pivot == 0 || !Double.isFinite(pivot)) {
                throw new IllegalArgumentException("solveTriangular: a matrix of shape " + shape
                        + " is singular, or not finite: " + pivot + " in row " + c + " of its diagonal");
            }
            for (int j = n; j < rows[c].length; j++) {
                rows[c][j] /= pivot;
            }
            for (int r = upper ? 0 : c + 1; r < (upper ? c : n); r++) {
                Doubles.axpy(-rows[r][c], rows[c], rows[r], n);
            }
        }
    }

    /** The right sides after {@code solve} has put the solution in their place: rows of A, then B's columns. */
    private static Tensor solved(String operation, Tensor a, Tensor b, Consumer<double[][]> solve) {
        square(operation, a);
        Operands.sameType(operation, a, b);
        Shape batch = a.shape().slice(0, a.rank() - 2);
        int n = a.dim(-1);
        if (b.rank() != a.rank()
                || b.dim(-2) != n
                || !b.shape().slice(0, b.rank() - 2).equals(batch)) {
            throw new IllegalArgumentException(
                    operation + ": right sides [..., " + n + ", k] of " + a.shape() + " needed, not " + b.shape());
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
            solve.accept(rows);
            for (int r = 0; r < n; r++) {
                System.arraycopy(rows[r], n, right, (i * n + r) * k, k);
            }
        }
        return Tensor.of(a.device(), right, b.shape().dims()).to(a.dtype());
    }

    /** The solution in the columns from n on. */
    private static void eliminate(double[][] rows, int n, Shape shape) {
        boolean finite = true;
        int[] ofRow = new int[n]; // exponents of the greatest elements
        int[] ofColumn = new int[n];
        Arrays.fill(ofColumn, Integer.MIN_VALUE);
        for (int r = 0; r < n; r++) {
            double greatest = 0;
            for (int c = 0; c < n; c++) {
                greatest = Math.max(greatest, Math.abs(rows[r][c])); // NaN stays
            }
            finite &= Double.isFinite(greatest);
            ofRow[r] = exponent(greatest);
            for (int c = 0; c < n; c++) {
                ofColumn[c] = Math.max(ofColumn[c], exponent(rows[r][c]) - ofRow[r]);
            }
        }
        for (int c = 0; c < n; c++) {
            int pivot = c;
            double significant = 0;
            for (int r = c; r < n; r++) {
                double scaled = Math.scalb(Math.abs(rows[r][c]), -ofRow[r] - ofColumn[c]);
                if (scaled > significant) {
                    significant = scaled;
                    pivot = r;
                }
            }
            if (!finite || !(significant > n * Math.ulp(1.0))) {
                throw new IllegalArgumentException("solve: a matrix of shape " + shape
                        + " is singular, or not finite: pivot " + rows[pivot][c] + " in column " + c);
            }
            double[] swap = rows[c];
            rows[c] = rows[pivot];
            rows[pivot] = swap;
            int exponent = ofRow[c];
            ofRow[c] = ofRow[pivot];
            ofRow[pivot] = exponent;
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

    /** The power of two of a number, of a subnormal one too. */
    private static int exponent(double x) {
        return Math.abs(x) < Double.MIN_NORMAL ? Math.getExponent(x * 0x1p54) - 54 : Math.getExponent(x);
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
