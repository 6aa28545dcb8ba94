package dev.canonica.clarid;

import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * An orthonormal basis V of a growing subspace with G = A V for a symmetric A = Jᵀ J, and the Rayleigh–Ritz pairs of A on it. T = Vᵀ G grows with
 * them.
 */
final class RitzBasis {
    private static final double DEPENDENT = 1e-10; // what is left of a vector after projection, relative to it

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
        List<double[]> block = new ArrayList<>();
        double[][] next = copy(candidates);
        while (block.size() < count) {
            double[] before = Arrays.stream(next).mapToDouble(Vectors::norm).toArray();
            project(next);
            for (int i = 0; i < next.length && block.size() < count; i++) {
                addTo(block, next[i], DEPENDENT * before[i]);
            }
            next = gaussians(count - block.size());
        }
        // What was nearly in the span of the others has grown when it was normalised, and with it what was left of the
        // basis: once more, which is
        // enough (Parlett 1998, Section 6.9).
        double[][] rough = block.toArray(new double[0][]);
        project(rough);
        block.clear();
        for (double[] x : rough) {
            addTo(block, x, 0);
        }
        return block.toArray(new double[0][]);
    }

    private static double[][] copy(double[][] x) {
        return Arrays.stream(x).map(double[]::clone).toArray(double[][]::new);
    }

    /** x ← x − V Vᵀ x, for rows x. */
    private void project(double[][] x) {
        double[][] within = v.combinations(v.dots(x));
        for (int i = 0; i < x.length; i++) {
            Vectors.axpy(-1, within[i], x[i]);
        }
    }

    /** Adds to a block what x adds to its span, normalised, if that is longer than {@code least}. */
    private static void addTo(List<double[]> block, double[] x, double least) {
        for (int pass = 0; pass < 2; pass++) {
            for (double[] row : block) {
                Vectors.axpy(-Vectors.dot(row, x), row, x);
            }
        }
        double norm = Vectors.norm(x);
        if (norm > least) {
            Vectors.scale(1 / norm, x);
            block.add(x);
        }
    }

    private double[][] gaussians(int count) {
        double[][] x = new double[count][n];
        for (double[] row : x) {
            random.normals(drawn, row);
            drawn += n;
        }
        return x;
    }

    /** Solves the projected eigenproblem T z = λ z. */
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
