package dev.canonica.clarid;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.LinearAlgebra;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * An orthonormal basis V of a growing subspace with G = A V for a symmetric A = Jᵀ J, and the Rayleigh–Ritz pairs of A on it. T = Vᵀ G grows with
 * them.
 */
final class RitzBasis {
    private final int n;
    private final Philox random;
    private final Rows v;
    private final Rows g;
    private double[][] t = {}; // symmetrised
    private double[] lambda = {}; // descending
    private double[][] z = {}; // z[i]: coefficients of Ritz vector i
    private long drawn;

    /** A basis that holds its vectors in {@code v} and {@code g}, which are empty. */
    RitzBasis(int n, Philox random, Rows v, Rows g) {
        this.n = n;
        this.random = random;
        this.v = v;
        this.g = g;
    }

    int size() {
        return v.size();
    }

    void append(double[][] block, double[][] images) {
        int old = v.size();
        v.append(block);
        g.append(images);
        double[][] left = v.dots(images);
        double[][] right = g.dots(block);
        t = Arrays.copyOf(t, v.size());
        for (int i = 0; i < old; i++) {
            t[i] = Arrays.copyOf(t[i], v.size());
        }
        for (int i = old; i < v.size(); i++) {
            t[i] = new double[v.size()];
            for (int k = 0; k <= i; k++) {
                t[i][k] = t[k][i] = (left[i - old][k] + right[i - old][k]) / 2;
            }
        }
    }

    /**
     * {@code count} orthonormal vectors, orthogonal to the basis, that span what {@code candidates} add to it; random ones where they add too
     * little.
     */
    double[][] extension(double[][] candidates, int count) {
        return v.extension(candidates, count, this::gaussians);
    }

    private double[][] gaussians(int count) {
        double[][] x = new double[count][n];
        for (double[] row : x) {
            random.normals(drawn, row);
            drawn += n;
        }
        return x;
    }

    /**
     * Solves the projected eigenproblems of bases of one size. A device that factorises does so with all at once, by singular value decompositions: T =
     * Vᵀ Jᵀ J V is positive semidefinite up to rounding, and then these are its eigenvalues and eigenvectors.
     */
    static void solve(List<RitzBasis> bases, Device device) {
        if (!device.factorises()) {
            bases.forEach(RitzBasis::solve);
            return;
        }
        int s = bases.getFirst().size();
        double[] all = new double[bases.size() * s * s];
        for (int b = 0; b < bases.size(); b++) {
            for (int i = 0; i < s; i++) {
                System.arraycopy(bases.get(b).t[i], 0, all, (b * s + i) * s, s);
            }
        }
        double[] values;
        double[] vectors;
        try (Scope _ = Scope.open()) {
            LinearAlgebra.Svd svd =
                    LinearAlgebra.svd(Tensor.of(all, bases.size(), s, s).to(device));
            values = svd.s().toDoubles();
            vectors = svd.vt().toDoubles();
        }
        for (int b = 0; b < bases.size(); b++) {
            RitzBasis basis = bases.get(b);
            basis.lambda = Arrays.copyOfRange(values, b * s, (b + 1) * s);
            basis.z = new double[s][];
            for (int i = 0; i < s; i++) {
                basis.z[i] = Arrays.copyOfRange(vectors, (b * s + i) * s, (b * s + i + 1) * s);
            }
        }
    }

    /** Solves the projected eigenproblem T z = λ z on the processor. */
    void solve() {
        EigenDecomposition e = new EigenDecomposition(new Array2DRowRealMatrix(t, true));
        lambda = e.getRealEigenvalues(); // Commons Math sorts them in descending order
        z = new double[lambda.length][];
        for (int i = 0; i < z.length; i++) {
            z[i] = e.getEigenvector(i).toArray();
        }
    }

    double worstResidual(int count) {
        return Arrays.stream(residuals(vectors(count))).max().orElse(0);
    }

    /** Ritz vectors v_i = V z_i. */
    private double[][] vectors(int count) {
        return v.combinations(Arrays.copyOf(z, count));
    }

    /** ‖A v_i − λ_i v_i‖ / λ₁ of Ritz vectors; 0 for A = 0. */
    private double[] residuals(double[][] vectors) {
        double[][] r = g.combinations(Arrays.copyOf(z, vectors.length));
        double[] residuals = new double[r.length];
        for (int i = 0; i < r.length; i++) {
            Vectors.axpy(-lambda[i], vectors[i], r[i]);
            double norm = Vectors.norm(r[i]);
            residuals[i] = lambda[0] > 0 ? norm / lambda[0] : norm == 0 ? 0 : Double.POSITIVE_INFINITY;
        }
        return residuals;
    }

    /** Keeps the first {@code count} Ritz vectors alone, on which T is diagonal. */
    void restart(int count) {
        double[][] newV = vectors(count);
        double[][] newG = g.combinations(Arrays.copyOf(z, count));
        v.clear();
        v.append(newV);
        g.clear();
        g.append(newG);
        t = new double[count][count];
        for (int i = 0; i < count; i++) {
            t[i][i] = lambda[i];
        }
    }

    RandomizedSvd.Triples triples(int count) {
        double[] sigma = new double[count];
        for (int i = 0; i < count; i++) {
            sigma[i] = Math.sqrt(Math.max(0, lambda[i]));
        }
        double[][] vectors = vectors(count);
        return new RandomizedSvd.Triples(sigma, vectors, residuals(vectors), Double.NaN, Double.NaN);
    }
}
