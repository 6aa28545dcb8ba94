package dev.canonica.clarid;

import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * An orthonormal basis V of a growing subspace with G = A V for a symmetric A = Jᵀ J, and the Rayleigh–Ritz pairs of A on it.
 */
final class RitzBasis {
    private static final double DEPENDENT = 1e-10; // what is left of a vector after projection, relative to it

    private final int n;
    private final Philox random;
    private final List<double[]> v = new ArrayList<>();
    private final List<double[]> g = new ArrayList<>();
    private double[] lambda = {}; // descending
    private double[][] z = {}; // z[i]: coefficients of Ritz vector i
    private long drawn;

    RitzBasis(int n, Philox random) {
        this.n = n;
        this.random = random;
    }

    int size() {
        return v.size();
    }

    void append(double[][] block, double[][] images) {
        v.addAll(List.of(block));
        g.addAll(List.of(images));
    }

    /**
     * {@code count} orthonormal vectors, orthogonal to the basis, that span what {@code candidates} add to it; random ones where they add too
     * little.
     */
    double[][] extension(double[][] candidates, int count) {
        List<double[]> block = new ArrayList<>();
        int next = 0;
        while (block.size() < count) {
            double[] x = next < candidates.length ? candidates[next++].clone() : gaussian();
            double before = Vectors.norm(x);
            for (int pass = 0; pass < 2; pass++) { // twice is enough (Parlett 1998, Section 6.9)
                for (double[] row : v) {
                    Vectors.axpy(-Vectors.dot(row, x), row, x);
                }
                for (double[] row : block) {
                    Vectors.axpy(-Vectors.dot(row, x), row, x);
                }
            }
            double after = Vectors.norm(x);
            if (after > DEPENDENT * before && after > 0) {
                Vectors.scale(1 / after, x);
                block.add(x);
            }
        }
        return block.toArray(new double[0][]);
    }

    private double[] gaussian() {
        double[] x = new double[n];
        random.normals(drawn, x);
        drawn += n;
        return x;
    }

    /** Solves the projected eigenproblem T z = λ z with T = Vᵀ G, symmetrised. */
    void solve() {
        int m = v.size();
        double[][] t = new double[m][m];
        for (int i = 0; i < m; i++) {
            for (int k = 0; k <= i; k++) {
                double a = Vectors.dot(v.get(i), g.get(k));
                double b = i == k ? a : Vectors.dot(v.get(k), g.get(i));
                t[i][k] = t[k][i] = (a + b) / 2;
            }
        }
        EigenDecomposition e = new EigenDecomposition(new Array2DRowRealMatrix(t, false));
        lambda = e.getRealEigenvalues(); // Commons Math sorts them in descending order
        z = new double[m][];
        for (int i = 0; i < m; i++) {
            z[i] = e.getEigenvector(i).toArray();
        }
    }

    double worstResidual(int count) {
        double worst = 0;
        for (int i = 0; i < count; i++) {
            worst = Math.max(worst, residual(i));
        }
        return worst;
    }

    /** ‖A v_i − λ_i v_i‖ / λ₁; 0 for A = 0. */
    private double residual(int i) {
        double[] r = Vectors.combination(z[i], g, n);
        Vectors.axpy(-lambda[i], Vectors.combination(z[i], v, n), r);
        double norm = Vectors.norm(r);
        return lambda[0] > 0 ? norm / lambda[0] : norm == 0 ? 0 : Double.POSITIVE_INFINITY;
    }

    /** Keeps the first {@code count} Ritz vectors alone. */
    void restart(int count) {
        List<double[]> newV = new ArrayList<>();
        List<double[]> newG = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            newV.add(Vectors.combination(z[i], v, n));
            newG.add(Vectors.combination(z[i], g, n));
        }
        v.clear();
        v.addAll(newV);
        g.clear();
        g.addAll(newG);
    }

    RandomizedSvd.Triples triples(int count) {
        double[] sigma = new double[count];
        double[][] vectors = new double[count][];
        double[] residual = new double[count];
        for (int i = 0; i < count; i++) {
            sigma[i] = Math.sqrt(Math.max(0, lambda[i]));
            vectors[i] = Vectors.combination(z[i], v, n);
            residual[i] = residual(i);
        }
        return new RandomizedSvd.Triples(sigma, vectors, residual, Double.NaN, Double.NaN);
    }
}
