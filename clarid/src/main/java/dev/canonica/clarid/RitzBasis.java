package dev.canonica.clarid;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.exception.MaxCountExceededException;
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
    private double[][] t = {}; // Vᵀ G as computed: not symmetric, by the rounding of the products
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
            t[i] = right[i - old];
            for (int k = 0; k <= i; k++) {
                t[k][i] = left[i - old][k];
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
        if (!LinearAlgebra.isOwnOf(device)) {
            bases.forEach(RitzBasis::solve);
            return;
        }
        bySingularValues(bases, device);
    }

    private static void bySingularValues(List<RitzBasis> bases, Device device) {
        int s = bases.getFirst().size();
        double[] all = new double[bases.size() * s * s];
        for (int b = 0; b < bases.size(); b++) {
            double[][] t = bases.get(b).symmetric(1);
            for (int i = 0; i < s; i++) {
                System.arraycopy(t[i], 0, all, (b * s + i) * s, s);
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
        double largest = 0;
        for (double[] row : t) {
            for (double x : row) {
                largest = Math.max(largest, Math.abs(x));
            }
        }
        // The solver squares its numbers. A power of two changes no digit.
        double unit = largest > 0 ? Math.scalb(1.0, Math.clamp(Math.getExponent(largest), -1022, 1022)) : 1;
        EigenDecomposition e;
        try {
            e = new EigenDecomposition(new Array2DRowRealMatrix(symmetric(1 / unit), false));
        } catch (MaxCountExceededException graded) { // its QL iteration does not end on values of all magnitudes
            bySingularValues(List.of(this), Device.cpu());
            return;
        }
        lambda = e.getRealEigenvalues(); // Commons Math sorts them in descending order
        Vectors.scale(unit, lambda);
        z = new double[lambda.length][];
        for (int i = 0; i < z.length; i++) {
            z[i] = e.getEigenvector(i).toArray();
        }
    }

    /** (T + Tᵀ) / 2, times a number. */
    private double[][] symmetric(double scale) {
        double[][] x = new double[t.length][t.length];
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k <= i; k++) {
                x[i][k] = x[k][i] = (t[i][k] + t[k][i]) / 2 * scale;
            }
        }
        return x;
    }

    /**
     * What is known of the leading Ritz pairs.
     *
     * @param lambda λ_i, descending
     * @param norm ‖A v_i − λ_i v_i‖
     * @param rounding an estimate of what the rounding of A's products leaves of the norm however long the iteration goes on: A is symmetric, so
     *     that (Vᵀ G − Gᵀ V) z_i / 2 is rounding alone; it has m of the error's n coordinates, and counts twice √(n/m) times
     */
    record Residuals(double[] lambda, double[] norm, double[] rounding) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /** The residuals of the first pairs. */
    Residuals residuals(int count) {
        return residuals(vectors(count));
    }

    private Residuals residuals(double[][] vectors) {
        int count = vectors.length;
        double[][] r = g.combinations(Arrays.copyOf(z, count));
        double[] norm = new double[count];
        double[] rounding = new double[count];
        double share = 2 * Math.sqrt((double) n / t.length);
        for (int i = 0; i < count; i++) {
            Vectors.axpy(-lambda[i], vectors[i], r[i]);
            norm[i] = Vectors.norm(r[i]);
            rounding[i] = share * asymmetry(z[i]);
        }
        return new Residuals(Arrays.copyOf(lambda, count), norm, rounding);
    }

    /** ‖(T − Tᵀ) z‖ / 2. */
    private double asymmetry(double[] z) {
        double[] x = new double[t.length];
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k < x.length; k++) {
                x[i] += (t[i][k] - t[k][i]) / 2 * z[k];
            }
        }
        return Vectors.norm(x);
    }

    /** Ritz vectors v_i = V z_i. */
    private double[][] vectors(int count) {
        return v.combinations(Arrays.copyOf(z, count));
    }

    /** Keeps the first {@code count} Ritz vectors alone, on which T is diagonal. */
    void restart(int count) {
        double[][] newV = vectors(count);
        double[][] newG = g.combinations(Arrays.copyOf(z, count));
        v.clear();
        v.append(newV);
        g.clear();
        g.append(newG);
        double[][] newT = new double[count][count]; // Zᵀ T Z
        for (int i = 0; i < count; i++) {
            double[] row = Vectors.combination(z[i], List.of(t), t.length);
            for (int k = 0; k < count; k++) {
                newT[i][k] = Vectors.dot(row, z[k]);
            }
        }
        t = newT;
    }

    /** The leading triples, of a map Jᵀ J / unit². */
    RandomizedSvd.Triples triples(int count, double unit, int sweeps, int products) {
        double[] sigma = new double[count];
        for (int i = 0; i < count; i++) {
            sigma[i] = Math.sqrt(Math.max(0, lambda[i])) * unit;
        }
        double[][] vectors = vectors(count);
        double[] residual = residuals(vectors).norm();
        for (int i = 0; i < count; i++) {
            residual[i] = lambda[0] > 0 ? residual[i] / lambda[0] : residual[i] == 0 ? 0 : Double.POSITIVE_INFINITY;
        }
        return new RandomizedSvd.Triples(sigma, vectors, residual, sweeps, products, Double.NaN, Double.NaN);
    }
}
