package dev.canonica.clarid;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The leading singular values and right singular vectors of a {@link LinearOperator}, by randomized block Krylov iteration (Halko, Martinsson
 * &amp; Tropp 2011, arXiv 0909.4061; Musco &amp; Musco 2015, arXiv 1504.05477).
 *
 * <pre>
 *   X₁ = orth(Ω), Ω Gaussian [domain, b]          X_{q+1} = orth((I − V Vᵀ) Jᵀ J X_q)          V = [X₁ … X_q]
 *   T = Vᵀ Jᵀ J V = Z Λ Zᵀ          σ_i = √λ_i          v_i = V z_i          (Rayleigh–Ritz)
 * </pre>
 *
 * <p>Blocks are small, b = 1 + min(p, n): the fewer vectors in a block, the higher the polynomial in Jᵀ J for as many products (docs/svd.md). A
 * Krylov space of such blocks shows no singular value more than b times. So where b of the wanted values are alike to a few tolerances, and others follow
 * them, the map begins again in blocks of n + p, to which no copy that is wanted is hidden. Devices whose calls are queued have blocks of n + p at once.
 *
 * <p>A sweep is the push and the pull of n + p vectors, in however many blocks. Since Jᵀ J V is kept, the residual ‖Jᵀ(J v_i) − σ_i² v_i‖ of every wanted pair is known
 * on the way and costs no product. A triple is certified when its residual is at most the tolerance times its own σ_i²: then σ_i is that of a
 * singular value to half the tolerance. The iteration ends when all wanted triples are certified, or after so many sweeps; or when those that are not
 * have stayed at what the rounding of the products leaves, for no further sweep can help them. That happens to small values: an error of ε σ₁² is one of
 * ε (σ₁/σ_i)² relative to σ_i², so that F32 certifies to 10⁻³ down to some σ₁/200, F64 to some σ₁/10⁶ (docs/svd.md). {@link Triples#certified} says
 * how far it came.
 *
 * <p>When the basis is full it is restarted with the best Ritz vectors, from which it goes on as if it had kept everything that matters. The products run
 * in the operator's type; bases, orthogonalisation (twice) and the small eigenproblem are in double, on the processor by Gram–Schmidt and Commons Math, on
 * a device that factorises by its QR and singular value decompositions. All maps begin with the same Ω, and each is iterated until it is done and then left
 * alone: its result does not depend on the others of the batch, nor on its place among them.
 *
 * @param rank n, the number of triples wanted
 * @param oversample p, extra vectors of a block, of which a small one has n at most, and not fewer than two in all where n is at least 2
 * @param sweeps at most so many sweeps: of products with n + p vectors and their images
 * @param tolerance the greatest residual accepted, relative to σ_i²
 * @param probes extra Gaussian vectors for the bound on ‖J − J V Vᵀ‖; 0 for none
 * @param seed of Ω and of the probes
 */
public record RandomizedSvd(int rank, int oversample, int sweeps, double tolerance, int probes, long seed) {
    /** Checks that rank and sweeps are at least 1, and the other numbers not negative. */
    public RandomizedSvd {
        if (rank < 1 || oversample < 0 || sweeps < 1 || !(tolerance >= 0) || probes < 0) {
            throw new IllegalArgumentException(
                    "svd: rank and sweeps at least 1, oversample and probes at least 0, tolerance at least 0");
        }
    }

    /** The defaults of the command line: tolerance 1e-3, 20 sweeps, two extra vectors in a block. */
    public static RandomizedSvd ofRank(int rank) {
        return new RandomizedSvd(rank, 2, 20, 1e-3, 0, 0);
    }

    /**
     * One sample's result.
     *
     * @param sigma singular values, descending [n]
     * @param v right singular vectors, orthonormal rows [n][domain]
     * @param residual ‖Jᵀ(J v_i) − σ_i² v_i‖ / σ₁² [n]; {@link #relativeResidual} is relative to σ_i²
     * @param sweeps sweeps done, of n + p vectors each but the last
     * @param products vectors that were pushed or pulled, without the probes
     * @param bound with probability 1 − 10^−probes above ‖J − J V Vᵀ‖ (Halko et al. 2011, Lemma 4.1); NaN without probes
     * @param frobenius an estimate of ‖J‖_F = √(Σσ² + E‖J (I − V Vᵀ) ω‖²) by the same probes, whose square is without bias; NaN without probes
     */
    public record Triples(
            double[] sigma, double[][] v, double[] residual, int sweeps, int products, double bound, double frobenius) {
        /** ‖Jᵀ(J v_i) − σ_i² v_i‖ / σ_i², which certifies triple i, counted from 0; 0 where both are 0. */
        public double relativeResidual(int i) {
            if (residual[i] == 0) {
                return 0;
            }
            double ratio = Arrays.stream(sigma).max().orElseThrow() / sigma[i];
            return residual[i] * ratio * ratio;
        }

        /** The first so many of them; what the probes estimated is of all, and not of these. */
        public Triples first(int count) {
            return count == sigma.length
                    ? this
                    : new Triples(
                            Arrays.copyOf(sigma, count),
                            Arrays.copyOf(v, count),
                            Arrays.copyOf(residual, count),
                            sweeps,
                            products,
                            Double.NaN,
                            Double.NaN);
        }

        /** {@link #relativeResidual} of each triple [n]. */
        public double[] relativeResiduals() {
            return IntStream.range(0, sigma.length)
                    .mapToDouble(this::relativeResidual)
                    .toArray();
        }

        /** The number of leading triples all of which are certified to the tolerance: 0 … n. */
        public int certified(double tolerance) {
            int i = 0;
            while (i < sigma.length && relativeResidual(i) <= tolerance) {
                i++;
            }
            return i;
        }

        /** Whether every triple is certified to the tolerance. */
        public boolean converged(double tolerance) {
            return certified(tolerance) == sigma.length;
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * All samples' results.
     *
     * @param samples one per map
     */
    public record Result(List<Triples> samples) {
        /** The sweeps that the batch took: those of the map that took most. */
        public int sweeps() {
            return samples.stream().mapToInt(Triples::sweeps).max().orElse(0);
        }

        /** A line that says how many triples of which samples are certified where not all are, such as {@code 7 of 10 of sample 0}; empty where all are. */
        public String shortfall(double tolerance) {
            List<String> parts = new ArrayList<>();
            for (int b = 0; b < samples.size(); b++) {
                int n = samples.get(b).sigma().length;
                int certified = samples.get(b).certified(tolerance);
                if (certified < n) {
                    parts.add("%d of %d of sample %d".formatted(certified, n, b));
                }
            }
            int shown = Math.min(parts.size(), 5);
            return String.join(", ", parts.subList(0, shown)) + (shown < parts.size() ? ", …" : "");
        }

        /** Vectors that were pushed or pulled of the map that took most, without the probes. */
        public int products() {
            return samples.stream().mapToInt(Triples::products).max().orElse(0);
        }
    }

    /**
     * b. It is n + p on a device whose calls are queued, which may take as long for the products of a few vectors as for those of many.
     */
    int block(Device device) {
        int extra = Math.min(rank, oversample);
        return device.queues() ? rank + oversample : Math.max(Math.min(2, rank), 1 + extra);
    }

    /**
     * Solves all B problems of the operator with the same block products.
     *
     * @throws IllegalArgumentException if n is more than the dimension of the domain
     * @throws IllegalStateException if a product is not finite
     */
    public Result solve(LinearOperator j) {
        try (Scope _ = Scope.open()) {
            return solveWithin(j);
        }
    }

    /** What bases keep on a device belongs to the scope. */
    private Result solveWithin(LinearOperator j) {
        int n = Math.toIntExact(j.domain().size());
        if (rank > n) {
            throw new IllegalArgumentException(
                    "svd: " + rank + " singular vectors wanted of a space of " + n + " dimensions");
        }
        Device device = Device.byDefault(); // where blocks are made
        List<Triples> result = KrylovIteration.solve(this, j, device);
        return new Result(probes == 0 ? result : withBounds(j, result));
    }

    private List<Triples> withBounds(LinearOperator j, List<Triples> triples) {
        List<double[][]> probe = new ArrayList<>();
        int n = Math.toIntExact(j.domain().size());
        for (int s = 0; s < triples.size(); s++) {
            double[][] omega = new double[probes][n];
            for (int i = 0; i < probes; i++) {
                new Philox(seed, 0).child(i + 1L).normals(0, omega[i]);
                Vectors.removeComponents(omega[i], triples.get(s).v());
            }
            probe.add(omega);
        }
        List<double[][]> images;
        try (Scope scope = Scope.open()) {
            images = DirectionBlocks.unpack(j.push(DirectionBlocks.pack(j.domain(), j.dtype(), probe)));
        }
        List<Triples> result = new ArrayList<>();
        for (int s = 0; s < triples.size(); s++) {
            Triples t = triples.get(s);
            double[] parts = Arrays.copyOf(t.sigma(), t.sigma().length + probes);
            double max = 0;
            for (int i = 0; i < probes; i++) {
                double norm = Vectors.norm(images.get(s)[i]);
                max = Math.max(max, norm);
                parts[t.sigma().length + i] = norm / Math.sqrt(probes);
            }
            double bound = 10 * Math.sqrt(2 / Math.PI) * max;
            // The norm of all parts, which scales: their squares may be beyond double where the norm is not.
            double frobenius = Vectors.norm(parts);
            result.add(new Triples(t.sigma(), t.v(), t.residual(), t.sweeps(), t.products(), bound, frobenius));
        }
        return result;
    }
}
