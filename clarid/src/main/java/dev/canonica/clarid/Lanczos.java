package dev.canonica.clarid;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * Lanczos' process for one sample's symmetric positive semidefinite map A from a start b, in double and fully orthogonalised (twice):
 *
 * <pre>
 *   A Q_m = Q_m T_m + β_m q_{m+1} e_mᵀ          q_1 = b / ‖b‖          T_m tridiagonal (α, β)
 * </pre>
 *
 * <p>f(A) b ≈ ‖b‖ Q_m f(T_m) e_1. Samples take their steps together, by products that all share ({@link #extend}); nothing in one depends on the others.
 */
final class Lanczos {
    /** What is left of a product by orthogonalisation, relative to it, where the space is invariant. */
    private static final double INVARIANT = 1e-10;

    private final double norm;
    private final List<double[]> q = new ArrayList<>(); // one more than there are steps, unless the space is invariant
    private final List<Double> alpha = new ArrayList<>();
    private final List<Double> beta = new ArrayList<>();
    private boolean invariant;

    /** At its start b. */
    Lanczos(double[] start) {
        norm = Vectors.norm(start);
        invariant = norm == 0;
        if (!invariant) {
            double[] first = start.clone();
            Vectors.scale(1 / norm, first);
            q.add(first);
        }
    }

    /** Takes steps until each sample has so many, or an invariant space. */
    static void extend(List<Lanczos> all, int steps, UnaryOperator<List<double[]>> product) {
        int n = all.stream()
                .mapToInt(l -> l.q.isEmpty() ? 0 : l.q.getFirst().length)
                .max()
                .orElse(0);
        while (all.stream().anyMatch(l -> l.wants(steps))) {
            List<double[]> at = new ArrayList<>();
            for (Lanczos l : all) {
                at.add(l.wants(steps) ? l.q.getLast() : new double[n]); // what is done takes part as zeros
            }
            List<double[]> images = product.apply(at);
            for (int b = 0; b < all.size(); b++) {
                if (all.get(b).wants(steps)) {
                    all.get(b).step(images.get(b).clone(), b);
                }
            }
        }
    }

    private boolean wants(int steps) {
        return !invariant && steps() < steps;
    }

    private void step(double[] image, int sample) {
        double size = Vectors.norm(image);
        if (!Double.isFinite(size)) {
            throw new IllegalStateException(
                    "projection: the Jacobian of sample " + sample + " gives values that are not finite");
        }
        alpha.add(Vectors.dot(q.getLast(), image));
        for (int pass = 0; pass < 2; pass++) {
            Vectors.removeComponents(image, q.toArray(double[][]::new));
        }
        double b = Vectors.norm(image);
        double scale =
                Math.max(size, alpha.stream().mapToDouble(Math::abs).max().orElse(0));
        invariant = !(b > INVARIANT * scale) || q.size() == image.length;
        beta.add(invariant ? 0 : b);
        if (!invariant) {
            Vectors.scale(1 / b, image);
            q.add(image);
        }
    }

    /** The steps taken. */
    int steps() {
        return alpha.size();
    }

    /** Whether no step can follow. */
    boolean isInvariant() {
        return invariant;
    }

    /** The first m steps; as many as there are, if these are fewer. */
    Space space(int m) {
        return new Space(Math.min(m, steps()));
    }

    /** What so many steps know of the map. */
    final class Space {
        private final int m;
        private final double[] theta; // descending
        private final double[][] z; // [i] eigenvector of theta[i]

        private Space(int m) {
            this.m = m;
            this.theta = new double[m];
            this.z = new double[m][];
            if (m > 0) {
                double[] diagonal =
                        alpha.subList(0, m).stream().mapToDouble(v -> v).toArray();
                double[] beside =
                        beta.subList(0, m - 1).stream().mapToDouble(v -> v).toArray();
                EigenDecomposition e = new EigenDecomposition(diagonal, beside);
                for (int i = 0; i < m; i++) {
                    theta[i] = Math.max(0, e.getRealEigenvalue(i));
                    z[i] = e.getEigenvector(i).toArray();
                }
            }
        }

        /** The Ritz values, descending. */
        double[] ritzValues() {
            return theta.clone();
        }

        /** The greatest; 0 of a start in the null space. */
        double greatest() {
            return Arrays.stream(theta).max().orElse(0);
        }

        /** ‖A v_i − θ_i v_i‖ of each Ritz pair: β_m |e_mᵀ z_i|. */
        double[] residuals() {
            double[] r = new double[m];
            for (int i = 0; i < m; i++) {
                r[i] = beta.get(m - 1) * Math.abs(z[i][m - 1]);
            }
            return r;
        }

        /** The Ritz vectors, rows of length n. */
        double[][] ritzVectors(int n) {
            double[][] v = new double[m][];
            for (int i = 0; i < m; i++) {
                v[i] = Vectors.combination(z[i], q.subList(0, m), n);
            }
            return v;
        }

        /** ‖b‖ Q f(T) e_1. */
        double[] apply(DoubleUnaryOperator f, int n) {
            return Vectors.combination(coefficients(f), q.subList(0, m), n);
        }

        /** ‖(τ² I + A) u − b‖ / ‖b‖ for u = (τ² I + T)⁻¹: how nearly the filter solves its equation. */
        double relativeResidual(double shift) {
            return m == 0 ? 0 : beta.get(m - 1) * Math.abs(coefficients(t -> 1 / (shift + t))[m - 1]) / norm;
        }

        private double[] coefficients(DoubleUnaryOperator f) {
            double[] c = new double[m];
            for (int i = 0; i < m; i++) {
                Vectors.axpy(norm * f.applyAsDouble(theta[i]) * z[i][0], z[i], c);
            }
            return c;
        }
    }
}
