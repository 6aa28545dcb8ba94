package dev.canonica.benchmarks.work;

import dev.canonica.clarid.LinearOperator;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * Randomized subspace iteration (Halko, Martinsson &amp; Tropp 2011, arXiv 0909.4061, Algorithm 4.4), orthonormalised after every half step:
 * the peer of {@link dev.canonica.clarid.RandomizedSvd}, for one map.
 *
 * <pre>
 *   Q = orth(J X)          Z = Jᵀ Q          X = orth(Z)          σ, v: singular values and left vectors of Z
 * </pre>
 */
public final class SubspaceIteration {
    private final LinearOperator j;
    private double[][] x;
    private int products;

    public SubspaceIteration(LinearOperator j, int block, long seed) {
        if (j.batch() != 1) {
            throw new IllegalArgumentException("subspace iteration: one map, not " + j.batch());
        }
        this.j = j;
        int n = Math.toIntExact(j.domain().size());
        x = new double[block][n];
        Philox random = new Philox(seed, 0);
        for (int i = 0; i < block; i++) {
            random.normals((long) i * n, x[i]);
        }
        orthonormalise(x);
    }

    /** Vectors pushed or pulled so far. */
    public int products() {
        return products;
    }

    /** One push and one pull of the block; returns the first {@code rank} right singular vectors as rows, by descending σ. */
    public double[][] sweep(int rank) {
        try (Scope scope = Scope.open()) {
            Tensor y = j.push(tensor(j, x, j.domain().prepend(x.length, 1).dims()));
            double[][] q = rows(y, x.length);
            orthonormalise(q);
            x = rows(j.pull(tensor(j, q, y.shape().dims())), x.length);
        }
        products += 2 * x.length;
        double[][] z = ritz(x, rank);
        orthonormalise(x);
        return z;
    }

    static Tensor tensor(LinearOperator j, double[][] block, int... dims) {
        double[] flat = Arrays.stream(block).flatMapToDouble(Arrays::stream).toArray();
        return Tensor.of(flat, dims).to(j.dtype());
    }

    static double[][] rows(Tensor t, int count) {
        double[] flat = t.toDoubles();
        int n = flat.length / count;
        double[][] rows = new double[count][];
        for (int i = 0; i < count; i++) {
            rows[i] = Arrays.copyOfRange(flat, i * n, (i + 1) * n);
        }
        return rows;
    }

    /** The leading right singular vectors of Z [b, n], from the eigenvectors of Z Zᵀ. */
    private static double[][] ritz(double[][] z, int rank) {
        double[][] gram = new double[z.length][z.length];
        for (int i = 0; i < z.length; i++) {
            for (int k = 0; k < z.length; k++) {
                gram[i][k] = dot(z[i], z[k]);
            }
        }
        EigenDecomposition e = new EigenDecomposition(new Array2DRowRealMatrix(gram, false));
        double[][] v = new double[rank][z[0].length];
        for (int i = 0; i < rank; i++) {
            for (int k = 0; k < z.length; k++) {
                axpy(e.getEigenvector(i).getEntry(k), z[k], v[i]);
            }
            scale(1 / Math.sqrt(dot(v[i], v[i])), v[i]);
        }
        return v;
    }

    private static void orthonormalise(double[][] rows) {
        for (int i = 0; i < rows.length; i++) {
            for (int pass = 0; pass < 2; pass++) {
                for (int k = 0; k < i; k++) {
                    axpy(-dot(rows[k], rows[i]), rows[k], rows[i]);
                }
            }
            scale(1 / Math.sqrt(dot(rows[i], rows[i])), rows[i]);
        }
    }

    /** Rows that span, with those of a basis, what x does, orthonormal and orthogonal to the basis. x is overwritten. */
    static double[][] orthonormal(Iterable<double[]> basis, double[][] x) {
        for (int pass = 0; pass < 2; pass++) {
            for (double[] row : x) {
                for (double[] b : basis) {
                    axpy(-dot(b, row), b, row);
                }
            }
            orthonormalise(x);
        }
        return x;
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    static void axpy(double s, double[] a, double[] b) {
        for (int i = 0; i < a.length; i++) {
            b[i] += s * a[i];
        }
    }

    private static void scale(double s, double[] a) {
        for (int i = 0; i < a.length; i++) {
            a[i] *= s;
        }
    }
}
