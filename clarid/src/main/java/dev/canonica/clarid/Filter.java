package dev.canonica.clarid;

import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What the {@linkplain Projection.Soft soft projections} remove of a batch's latents, and how well their equations are solved. Maps are known by products alone, vectors are rows in double, and
 * each sample's result depends on its own map and vector only.
 *
 * @param removed what is taken away from each latent [B][n]
 * @param residual of each equation, relative to its right side [B]
 * @param products vectors that were pushed or pulled through a network, of each sample [B]
 */
record Filter(double[][] removed, double[] residual, int[] products) {

    /** Products of {@link #evidence} before its first conjugate gradient, with those of the features' Krylov space. */
    private static final int BEFORE = 2 * (1 + Projection.Soft.STEPS) + 2 + 4 * (1 + Projection.Soft.STEPS);

    private static final int PRODUCTS = 6; // of each: J, and K of two networks, pushed and pulled

    /** AᵀA of single vectors, one for each sample, in the units' squares. */
    static UnaryOperator<List<double[]>> normal(LinearOperator j, NormalMap.Units units) {
        NormalMap map = new NormalMap(j, units);
        return v -> {
            try (Scope _ = Scope.open()) {
                List<double[][]> block = v.stream().map(x -> new double[][] {x}).toList();
                return map.apply(block).stream().map(rows -> rows[0]).toList();
            }
        };
    }

    /** D^½ A D^½ for diagonals D. */
    static UnaryOperator<List<double[]>> weighted(UnaryOperator<List<double[]>> a, double[][] roots) {
        return v -> scaled(a.apply(scaled(v, roots)), roots);
    }

    private static List<double[]> scaled(List<double[]> v, double[][] by) {
        List<double[]> out = new ArrayList<>();
        for (int b = 0; b < v.size(); b++) {
            double[] x = v.get(b).clone();
            for (int i = 0; i < x.length; i++) {
                x[i] *= by[b][i];
            }
            out.add(x);
        }
        return out;
    }

    /**
     * Krylov spaces of W^½ A W^½ from W^½ A x, from which filters of any strength follow.
     */
    static final class LocalSoft {
        private final double[][] roots;
        private final List<Lanczos> spaces;

        /**
         * Of seven steps.
         *
         * @param a A of single vectors
         * @param x [B][n]
         * @param weights W [B][n]
         */
        LocalSoft(UnaryOperator<List<double[]>> a, double[][] x, double[][] weights) {
            this.roots = Arrays.stream(weights)
                    .map(w -> Arrays.stream(w).map(Math::sqrt).toArray())
                    .toArray(double[][]::new);
            this.spaces = scaled(a.apply(List.of(x)), roots).stream()
                    .map(Lanczos::new)
                    .toList();
            Lanczos.extend(spaces, Projection.Soft.STEPS, weighted(a, roots));
        }

        /**
         * What a strength for each sample removes; Lanczos steps go on from seven until the equation is solved to the tolerance, each sample's for itself.
         *
         * @param most steps at most, where the tolerance is not met
         * @param a A of single vectors, which is asked for steps that have not been taken yet
         */
        Filter of(double[] strength, double tolerance, int most, UnaryOperator<List<double[]>> a) {
            int batch = spaces.size();
            double[][] removed = new double[batch][];
            double[] residual = new double[batch];
            int[] products = new int[batch];
            for (int steps = Projection.Soft.STEPS; ; steps++) {
                Lanczos.extend(spaces, steps, weighted(a, roots));
                boolean all = true;
                for (int b = 0; b < batch; b++) {
                    if (removed[b] != null) {
                        continue;
                    }
                    Lanczos.Space space = spaces.get(b).space(steps);
                    double shift = strength[b] * space.greatest();
                    double r = space.relativeResidual(shift);
                    if (r <= tolerance
                            || steps >= most
                            || spaces.get(b).isInvariant()
                                    && steps >= spaces.get(b).steps()) {
                        removed[b] = shift > 0
                                ? space.apply(t -> 1 / (shift + t), roots[b].length)
                                : new double[roots[b].length];
                        for (int i = 0; i < removed[b].length; i++) {
                            removed[b][i] *= roots[b][i];
                        }
                        residual[b] = r;
                        products[b] = 2 * (1 + Math.min(steps, spaces.get(b).steps()));
                    } else {
                        all = false;
                    }
                }
                if (all) {
                    return new Filter(removed, residual, products);
                }
            }
        }

        /** The Ritz pairs of W^½ A W^½ after seven steps, as triples of J W^½: σ = √θ, v in the weighted coordinates; zeros where the space has fewer dimensions. */
        List<RandomizedSvd.Triples> triples(NormalMap.Units units) {
            List<RandomizedSvd.Triples> all = new ArrayList<>();
            for (int b = 0; b < spaces.size(); b++) {
                int n = roots[b].length;
                Lanczos.Space space = spaces.get(b).space(Projection.Soft.STEPS);
                double[] theta = space.ritzValues();
                double[] r = space.residuals();
                double greatest = space.greatest();
                int count = Projection.Soft.STEPS;
                double[] sigma =
                        Arrays.copyOf(Arrays.stream(theta).map(Math::sqrt).toArray(), count);
                Vectors.scale(units.of(b), sigma);
                double[] residual = new double[count];
                for (int i = 0; i < r.length; i++) {
                    residual[i] = greatest > 0 ? r[i] / greatest : 0;
                }
                double[][] v = Arrays.copyOf(space.ritzVectors(n), count);
                for (int i = theta.length; i < count; i++) {
                    v[i] = new double[n];
                }
                all.add(new RandomizedSvd.Triples(
                        sigma, v, residual, theta.length, 2 * (1 + theta.length), Double.NaN, Double.NaN));
            }
            return all;
        }

        /** The greatest Ritz value of each sample after seven steps. */
        double[] greatest() {
            return spaces.stream()
                    .mapToDouble(s -> s.space(Projection.Soft.STEPS).greatest())
                    .toArray();
        }
    }

    /**
     * (τ² (I + (μ/θ_G) G) + A)⁻¹ A x by conjugate gradients, until the residual is at most the tolerance.
     *
     * @param a A = JᵀJ of single vectors, of which {@code greatest} is the greatest Ritz value of each sample
     * @param g G = KᵀK
     * @param x [B][n]
     * @param most conjugate gradients at most, where the tolerance is not met
     */
    static Filter evidence(
            UnaryOperator<List<double[]>> a,
            UnaryOperator<List<double[]>> g,
            double[][] x,
            double[] strength,
            double weight,
            double[] greatest,
            double tolerance,
            int most) {
        int batch = x.length;
        List<double[]> right = a.apply(List.of(x));
        List<Lanczos> spaces = g.apply(List.of(x)).stream().map(Lanczos::new).toList();
        Lanczos.extend(spaces, Projection.Soft.STEPS, g);
        double[] shift = new double[batch];
        double[] price = new double[batch];
        for (int b = 0; b < batch; b++) {
            shift[b] = strength[b] * greatest[b];
            double dearest = spaces.get(b).space(Projection.Soft.STEPS).greatest();
            price[b] = dearest > 0 ? weight * shift[b] / dearest : 0;
        }
        UnaryOperator<List<double[]>> system = v -> {
            List<double[]> pa = a.apply(v);
            List<double[]> pg = g.apply(v);
            List<double[]> out = new ArrayList<>();
            for (int b = 0; b < batch; b++) {
                double[] y = pa.get(b).clone();
                Vectors.axpy(shift[b], v.get(b), y);
                Vectors.axpy(price[b], pg.get(b), y);
                out.add(y);
            }
            return out;
        };
        return conjugateGradients(system, right, tolerance, most);
    }

    /** Solves S u = right for each sample, all in step; each is done by itself. */
    private static Filter conjugateGradients(
            UnaryOperator<List<double[]>> system, List<double[]> right, double tolerance, int most) {
        int batch = right.size();
        int n = right.getFirst().length;
        double[][] u = new double[batch][n];
        double[][] r = right.stream().map(double[]::clone).toArray(double[][]::new);
        double[][] p = right.stream().map(double[]::clone).toArray(double[][]::new);
        double[] norm = new double[batch];
        double[] left = new double[batch];
        int[] products = new int[batch];
        boolean[] done = new boolean[batch];
        for (int b = 0; b < batch; b++) {
            norm[b] = Vectors.norm(r[b]);
            left[b] = norm[b] * norm[b];
            products[b] = BEFORE;
            done[b] = norm[b] == 0;
        }
        for (int step = 0; step < most && !all(done); step++) {
            List<double[]> at = new ArrayList<>();
            for (int b = 0; b < batch; b++) {
                at.add(done[b] ? new double[n] : p[b]);
            }
            List<double[]> images = system.apply(at);
            for (int b = 0; b < batch; b++) {
                if (done[b]) {
                    continue;
                }
                double curvature = Vectors.dot(p[b], images.get(b));
                if (!Double.isFinite(curvature)) {
                    throw new IllegalStateException(
                            "projection: the Jacobians of sample " + b + " give values that are not finite");
                }
                double length = left[b] / curvature;
                Vectors.axpy(length, p[b], u[b]);
                Vectors.axpy(-length, images.get(b), r[b]);
                double now = Vectors.dot(r[b], r[b]);
                Vectors.scale(now / left[b], p[b]);
                Vectors.axpy(1, r[b], p[b]);
                left[b] = now;
                products[b] += PRODUCTS;
                done[b] = Math.sqrt(now) <= tolerance * norm[b];
            }
        }
        double[] residual = new double[batch];
        for (int b = 0; b < batch; b++) {
            residual[b] = norm[b] == 0 ? 0 : Math.sqrt(left[b]) / norm[b];
        }
        return new Filter(u, residual, products);
    }

    private static boolean all(boolean[] done) {
        for (boolean d : done) {
            if (!d) {
                return false;
            }
        }
        return true;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
