package dev.canonica.clarid;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The leading singular values and right singular vectors of a {@link LinearOperator}, by randomized block Krylov iteration (Halko, Martinsson
 * &amp; Tropp 2011, arXiv 0909.4061; Musco &amp; Musco 2015, arXiv 1504.05477).
 *
 * <pre>
 *   X₁ = orth(Ω), Ω Gaussian [domain, b]          X_{q+1} = orth((I − V Vᵀ) Jᵀ J X_q)          V = [X₁ … X_q]
 *   T = Vᵀ Jᵀ J V = Z Λ Zᵀ          σ_i = √λ_i          v_i = V z_i          (Rayleigh–Ritz)
 * </pre>
 *
 * <p>A sweep is one push and one pull of a block of b vectors. Since Jᵀ J V is kept, the certificate ‖Jᵀ(J v_i) − σ_i² v_i‖ / σ₁² of every
 * wanted pair is known after each sweep and costs no product; the iteration ends when all are below the tolerance. When the basis is full it is
 * restarted with the best Ritz vectors, from which it goes on as if it had kept everything that matters. The products run in the operator's
 * type; bases, orthogonalisation (twice) and the small eigenproblem are in double, on the processor by Gram–Schmidt and Commons Math, on a device that
 * factorises by its QR and singular value decompositions.
 *
 * @param rank n, the number of triples wanted
 * @param oversample b − n
 * @param sweeps at most so many sweeps
 * @param tolerance the greatest residual accepted
 * @param probes extra Gaussian vectors for the bound on ‖J − J V Vᵀ‖; 0 for none
 * @param seed of Ω and of the probes
 */
public record RandomizedSvd(int rank, int oversample, int sweeps, double tolerance, int probes, long seed) {
    private static final int BASIS_BLOCKS = 12; // 12 blocks of 12 vectors for n = 10, before a restart

    /** Checks ranges. */
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
     * @param residual ‖Jᵀ(J v_i) − σ_i² v_i‖ / σ₁² [n]
     * @param bound with probability 1 − 10^−probes above ‖J − J V Vᵀ‖ (Halko et al. 2011, Lemma 4.1); NaN without probes
     * @param frobenius an estimate of ‖J‖_F² = Σσ² + E‖J (I − V Vᵀ) ω‖² by the same probes; NaN without probes
     */
    public record Triples(double[] sigma, double[][] v, double[] residual, double bound, double frobenius) {
        /** Whether every residual is within the tolerance. */
        public boolean converged(double tolerance) {
            for (double r : residual) {
                if (!(r <= tolerance)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * All samples' results.
     *
     * @param samples one per map
     * @param sweeps sweeps done
     * @param products vectors that were pushed or pulled, per sample, without the probes
     */
    public record Result(List<Triples> samples, int sweeps, int products) {}

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
        int b = Math.min(rank + oversample, n);
        Device device = Device.byDefault(); // where pack() makes tensors
        List<RitzBasis> bases = new ArrayList<>();
        List<double[][]> block = new ArrayList<>();
        for (int s = 0; s < j.batch(); s++) {
            RitzBasis basis = new RitzBasis(n, new Philox(seed, s), Rows.on(device, n), Rows.on(device, n));
            bases.add(basis);
            block.add(basis.extension(new double[0][], b));
        }
        int done = 0;
        int products = 0;
        while (true) {
            List<double[][]> images = normalProducts(j, block);
            done++;
            products += 2 * block.get(0).length;
            for (int s = 0; s < bases.size(); s++) {
                requireFinite(images.get(s), s);
                bases.get(s).append(block.get(s), images.get(s));
            }
            RitzBasis.solve(bases, device);
            boolean converged = true;
            for (RitzBasis basis : bases) {
                converged &= basis.size() >= rank && basis.worstResidual(rank) <= tolerance;
            }
            int size = bases.get(0).size();
            if (converged || done >= sweeps || size >= n) {
                break;
            }
            int next = Math.min(b, n - size);
            block.clear();
            for (int s = 0; s < bases.size(); s++) {
                RitzBasis basis = bases.get(s);
                block.add(basis.extension(
                        images.get(s), next)); // orthogonal to all of the basis, also to what a restart drops
                if (size + next > BASIS_BLOCKS * b) {
                    basis.restart(b);
                }
            }
        }
        List<Triples> result = new ArrayList<>();
        for (RitzBasis basis : bases) {
            result.add(basis.triples(Math.min(rank, basis.size())));
        }
        return new Result(probes == 0 ? result : withBounds(j, result), done, products);
    }

    private static void requireFinite(double[][] images, int sample) {
        for (double[] row : images) {
            if (!Double.isFinite(Vectors.dot(row, row))) {
                throw new IllegalStateException(
                        "svd: the Jacobian of sample " + sample + " gives values that are not finite");
            }
        }
    }

    /** Jᵀ J of every sample's block. */
    private static List<double[][]> normalProducts(LinearOperator j, List<double[][]> block) {
        try (Scope scope = Scope.open()) {
            return unpack(j.pull(j.push(pack(j, block))));
        }
    }

    private List<Triples> withBounds(LinearOperator j, List<Triples> triples) {
        List<double[][]> probe = new ArrayList<>();
        int n = Math.toIntExact(j.domain().size());
        for (int s = 0; s < triples.size(); s++) {
            double[][] omega = new double[probes][n];
            for (int i = 0; i < probes; i++) {
                new Philox(seed, s).child(i + 1L).normals(0, omega[i]);
                Vectors.removeComponents(omega[i], triples.get(s).v());
            }
            probe.add(omega);
        }
        List<double[][]> images;
        try (Scope scope = Scope.open()) {
            images = unpack(j.push(pack(j, probe)));
        }
        List<Triples> result = new ArrayList<>();
        for (int s = 0; s < triples.size(); s++) {
            Triples t = triples.get(s);
            double max = 0;
            double mean = 0;
            for (double[] y : images.get(s)) {
                max = Math.max(max, Vectors.norm(y));
                mean += Vectors.dot(y, y) / probes;
            }
            double captured = 0;
            for (double sigma : t.sigma()) {
                captured += sigma * sigma;
            }
            double bound = 10 * Math.sqrt(2 / Math.PI) * max;
            result.add(new Triples(t.sigma(), t.v(), t.residual(), bound, captured + mean));
        }
        return result;
    }

    /** [sample][k][domain] → tensor [K, B, *domain]. */
    private static Tensor pack(LinearOperator j, List<double[][]> block) {
        int k = block.get(0).length;
        int n = Math.toIntExact(j.domain().size());
        int batch = block.size();
        double[] flat = new double[k * batch * n];
        for (int s = 0; s < batch; s++) {
            for (int i = 0; i < k; i++) {
                System.arraycopy(block.get(s)[i], 0, flat, (i * batch + s) * n, n);
            }
        }
        Shape shape = j.domain().prepend(k, batch);
        Tensor t = Tensor.of(flat, shape.dims());
        return j.dtype() == DType.F64 ? t : t.to(j.dtype());
    }

    /** Tensor [K, B, ...] → [sample][k][...]. */
    private static List<double[][]> unpack(Tensor t) {
        int k = t.dim(0);
        int batch = t.dim(1);
        double[] flat = t.toDoubles();
        int n = flat.length / (k * batch);
        List<double[][]> block = new ArrayList<>();
        for (int s = 0; s < batch; s++) {
            double[][] rows = new double[k][];
            for (int i = 0; i < k; i++) {
                rows[i] = Arrays.copyOfRange(flat, (i * batch + s) * n, (i * batch + s + 1) * n);
            }
            block.add(rows);
        }
        return block;
    }
}
