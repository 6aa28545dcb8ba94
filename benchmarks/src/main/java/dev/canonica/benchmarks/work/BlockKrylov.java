package dev.canonica.benchmarks.work;

import dev.canonica.clarid.LinearOperator;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * Block Krylov iteration with Rayleigh–Ritz of one map in blocks of any width, without restarts: what {@link dev.canonica.clarid.RandomizedSvd} does in
 * blocks of its own choice.
 */
public final class BlockKrylov {
    private final LinearOperator j;
    private final List<double[]> v = new ArrayList<>();
    private final List<double[]> g = new ArrayList<>();
    private double[][] x;

    /** At its start, in blocks of so many vectors. */
    public BlockKrylov(LinearOperator j, int width, long seed) {
        this.j = j;
        int n = Math.toIntExact(j.domain().size());
        double[][] omega = new double[width][n];
        Philox random = new Philox(seed, 0);
        for (int i = 0; i < width; i++) {
            random.normals((long) i * n, omega[i]);
        }
        x = SubspaceIteration.orthonormal(v, omega);
    }

    /**
     * The n leading Ritz pairs.
     *
     * @param v right singular vectors, as rows
     * @param residual Jᵀ J v_i − σ_i² v_i over σ_i², as rows
     */
    public record Pairs(double[][] v, double[][] residual) {
        /** Whether all of them are certified to the tolerance. */
        public boolean certified(double tolerance) {
            return open(tolerance).isEmpty();
        }

        private List<double[]> open(double tolerance) {
            return Arrays.stream(residual)
                    .filter(r -> Math.sqrt(SubspaceIteration.dot(r, r)) > tolerance)
                    .toList();
        }

        /** The first so many of them. */
        public Pairs first(int n) {
            return new Pairs(Arrays.copyOf(v, n), Arrays.copyOf(residual, n));
        }
    }

    /** Vectors pushed or pulled so far. */
    public int products() {
        return 2 * v.size();
    }

    /** One push and one pull of a block. */
    public void sweep() {
        double[][] images;
        try (Scope _ = Scope.open()) {
            Tensor block = SubspaceIteration.tensor(
                    j, x, j.domain().prepend(x.length, 1).dims());
            images = SubspaceIteration.rows(j.pull(j.push(block)), x.length);
        }
        v.addAll(List.of(x));
        g.addAll(Arrays.stream(images).map(double[]::clone).toList());
        x = SubspaceIteration.orthonormal(v, images);
    }

    /** Locks what is certified of these pairs: the next block is of the residuals of the others alone. */
    public void lock(Pairs pairs, double tolerance) {
        List<double[]> open = pairs.open(tolerance);
        if (!open.isEmpty()) {
            x = SubspaceIteration.orthonormal(
                    v, open.stream().map(double[]::clone).toArray(double[][]::new));
        }
    }

    /** The leading Ritz pairs, as many as there are vectors or fewer. */
    public Pairs pairs(int n) {
        int m = v.size();
        double[][] t = new double[m][m];
        for (int i = 0; i < m; i++) {
            for (int k = 0; k <= i; k++) {
                double there = SubspaceIteration.dot(v.get(i), g.get(k));
                double back = SubspaceIteration.dot(v.get(k), g.get(i));
                t[i][k] = t[k][i] = (there + back) / 2;
            }
        }
        EigenDecomposition e = new EigenDecomposition(new Array2DRowRealMatrix(t, false));
        int count = Math.min(n, m);
        double[][] vectors = new double[count][v.getFirst().length];
        double[][] residuals = new double[count][v.getFirst().length];
        for (int i = 0; i < count; i++) {
            double lambda = e.getRealEigenvalue(i);
            for (int k = 0; k < m; k++) {
                double z = e.getEigenvector(i).getEntry(k);
                SubspaceIteration.axpy(z, v.get(k), vectors[i]);
                SubspaceIteration.axpy(z / lambda, g.get(k), residuals[i]);
            }
            SubspaceIteration.axpy(-1, vectors[i], residuals[i]);
        }
        return new Pairs(vectors, residuals);
    }
}
