package dev.canonica.tensor.operation;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Factorisations of matrices. They are the last two axes of a tensor of a real type; leading axes are a batch, each matrix of which is
 * factorised alone.
 *
 * <p>A device that {@linkplain FactorisingDevice factorises} itself does so in the tensor's type: a GPU by cuSOLVER. Elsewhere the processor does it
 * in double, whatever the type, and the results go back to the tensor's device. Factors with signs to choose: those of QR are made unique
 * by R's diagonal, which is not negative; singular vectors come with either sign.
 *
 * <p>Every method throws {@link IllegalArgumentException}, in one line, for what is no matrix, empty, of an integer type, or not finite.
 */
public final class LinearAlgebra {
    private LinearAlgebra() {}

    /**
     * A = Q R.
     *
     * @param q orthonormal columns [..., m, n]
     * @param r upper triangular [..., n, n], with a diagonal that is not negative
     */
    public record Qr(Tensor q, Tensor r) {
        /** How well this factorises {@code a}: the greatest element of |A − Q R| / max |A| and of |QᵀQ − I|, taken in double. */
        public double error(Tensor a) {
            return FactorErrors.of(a, q, r, q, true);
        }
    }

    /**
     * A = L Q.
     *
     * @param l lower triangular [..., m, m], with a diagonal that is not negative
     * @param q orthonormal rows [..., m, n]
     */
    public record Lq(Tensor l, Tensor q) {
        /** How well this factorises {@code a}: the greatest element of |A − L Q| / max |A| and of |Q Qᵀ − I|, taken in double. */
        public double error(Tensor a) {
            return FactorErrors.of(a, l, q, q, false);
        }
    }

    /**
     * A = U diag(s) Vᵀ, with k = min(m, n) singular triples or as many as were asked for.
     *
     * @param u left singular vectors, orthonormal columns [..., m, k]
     * @param s singular values, descending, not negative [..., k]
     * @param vt right singular vectors, orthonormal rows [..., k, n]
     */
    public record Svd(Tensor u, Tensor s, Tensor vt) {
        /**
         * How well this factorises {@code a}: the greatest element of |A − U diag(s) Vᵀ| / max |A|, of |UᵀU − I| and of |VᵀV − I|, taken in double.
         */
        public double error(Tensor a) {
            try (Scope _ = Scope.open()) {
                Tensor scaled =
                        u.to(DType.F64).times(s.to(DType.F64).reshape(u.shape().with(-2, 1)));
                return Math.max(FactorErrors.of(a, scaled, vt, u, true), FactorErrors.orthonormal(vt, false));
            }
        }
    }

    /**
     * The thin QR factorisation of a tall matrix by Householder reflections (Golub &amp; Van Loan 2013, Section 5.2). Columns of Q are
     * orthonormal whatever A is; where column j of A depends on those before it, R_jj is 0 up to rounding and column j of Q is any that fits.
     *
     * @param a [..., m, n], m ≥ n
     */
    public static Qr qr(Tensor a) {
        check("qr", a);
        if (a.dim(-2) < a.dim(-1)) {
            throw new IllegalArgumentException(
                    "qr: at least as many rows as columns needed, shape is " + a.shape() + "; lq takes wide matrices");
        }
        try (Scope scope = Scope.open()) {
            Lq t = lqOf(a.transpose()); // Aᵀ = L Q, so that A = Qᵀ Lᵀ
            return new Qr(scope.keep(t.q().transpose()), scope.keep(t.l().transpose()));
        }
    }

    /**
     * The QR factorisation of the transpose, for vectors that are rows: Aᵀ = Qᵀ Lᵀ. Nothing is transposed for it. Row i of A is Σ_{j ≤ i} L_ij q_j, and
     * L_ii is how much of it the rows before it do not span.
     *
     * @param a [..., m, n], m ≤ n
     */
    public static Lq lq(Tensor a) {
        check("lq", a);
        if (a.dim(-2) > a.dim(-1)) {
            throw new IllegalArgumentException(
                    "lq: at most as many rows as columns needed, shape is " + a.shape() + "; qr takes tall matrices");
        }
        try (Scope scope = Scope.open()) {
            Lq lq = lqOf(a);
            return new Lq(scope.keep(lq.l()), scope.keep(lq.q()));
        }
    }

    private static Lq lqOf(Tensor a) {
        Lq lq = with(a.device(), matrices(a), Factorisations::lq);
        Shape batch = batch(a);
        return new Lq(inBatch(lq.l(), batch), inBatch(lq.q(), batch));
    }

    /**
     * The thin singular value decomposition, by Jacobi rotations: on the processor one-sided, after a QR factorisation (Drmač &amp; Veselić
     * 2008, without their pivoting).
     *
     * @param a [..., m, n]
     * @throws IllegalStateException if the rotations do not converge
     */
    public static Svd svd(Tensor a) {
        check("svd", a);
        try (Scope scope = Scope.open()) {
            Svd svd = with(a.device(), matrices(a), Factorisations::svd);
            Shape batch = batch(a);
            return kept(scope, new Svd(inBatch(svd.u(), batch), inBatch(svd.s(), batch), inBatch(svd.vt(), batch)));
        }
    }

    /**
     * The leading singular triples of an explicit matrix by randomized subspace iteration (Halko, Martinsson &amp; Tropp 2011, Algorithms 4.4
     * and 5.1), with l = rank + oversample and Gaussian Ω [n, l]:
     *
     * <pre>
     *   Q = orth(A Ω)          {@code iterations} times: Q = orth(A orth(Aᵀ Q))          Qᵀ A = Û Σ Vᵀ, U = Q Û
     * </pre>
     *
     * <p>U and V are orthonormal to rounding. How near Σ is to the leading singular values depends on the spectrum: the error of σ_j shrinks with
     * (σ_{l+1} / σ_j)^(4 · iterations + 2); where l reaches min(m, n) the decomposition is {@link #svd}'s.
     *
     * @param a one matrix [m, n]
     * @param rank the number of triples, at most min(m, n)
     * @param oversample columns of Ω beyond that
     * @param iterations products with A Aᵀ
     * @param seed of Ω on the processor; cuSOLVER draws numbers of its own
     */
    public static Svd randomizedSvd(Tensor a, int rank, int oversample, int iterations, long seed) {
        if (a.rank() != 2) {
            throw new IllegalArgumentException("randomizedSvd: one matrix needed, shape is " + a.shape());
        }
        check("randomizedSvd", a);
        int least = Math.min(a.dim(0), a.dim(1));
        if (rank < 1 || rank > least || oversample < 0 || iterations < 0) {
            throw new IllegalArgumentException("randomizedSvd: rank 1 to " + least
                    + ", oversample and iterations at least 0" + " needed for shape " + a.shape() + ", not " + rank
                    + ", " + oversample + " and " + iterations);
        }
        try (Scope scope = Scope.open()) {
            if (rank + (long) oversample >= least) {
                return kept(scope, leading(svd(a), rank));
            }
            return kept(scope, with(a.device(), a, (f, x) -> f.randomizedSvd(x, rank, oversample, iterations, seed)));
        }
    }

    /** With products on the tensor's device, and vectors as rows: Qᵀ is what is kept. */
    static Svd subspaceIteration(Tensor a, int rank, int oversample, int iterations, long seed) {
        Tensor x = a.to(DType.F64);
        Shape gaussian = Shape.of(rank + oversample, a.dim(1));
        Tensor omega = Tensor.normal(DType.F64, gaussian, new Philox(seed)).to(a.device());
        Tensor q = lq(omega.matmul(false, x, true)).q();
        for (int i = 0; i < iterations; i++) {
            Tensor z = lq(q.matmul(x)).q();
            q = lq(z.matmul(false, x, true)).q();
        }
        Svd small = leading(svd(q.matmul(x)), rank);
        Tensor u = q.matmul(true, small.u(), false);
        return new Svd(u.to(a.dtype()), small.s().to(a.dtype()), small.vt().to(a.dtype()));
    }

    private static Svd leading(Svd svd, int count) {
        return new Svd(
                svd.u().slice(-1, 0, count), svd.s().rows(0, count), svd.vt().rows(0, count));
    }

    private static Svd kept(Scope scope, Svd svd) {
        return new Svd(scope.keep(svd.u()), scope.keep(svd.s()), scope.keep(svd.vt()));
    }

    // ------------------------------------------------------------------------------------------------ devices

    /** Whether a device factorises matrices itself; else they go to the processor for it, and back. */
    public static boolean isOwnOf(Device device) {
        return own(device) != null;
    }

    private static @Nullable Factorisations own(Device device) {
        return device instanceof FactorisingDevice factorising ? factorising.factorisations() : null;
    }

    // ------------------------------------------------------------------------------------------------ operands

    private static <R> R with(Device device, Tensor a, BiFunction<Factorisations, Tensor, R> f) {
        Factorisations own = own(device);
        return f.apply(own == null ? HostFactorisations.INSTANCE : own, a);
    }

    private static Shape batch(Tensor a) {
        return a.shape().slice(0, a.rank() - 2);
    }

    /** As [batch, m, n]. */
    private static Tensor matrices(Tensor a) {
        return a.reshape(Math.toIntExact(batch(a).size()), a.dim(-2), a.dim(-1));
    }

    private static Tensor inBatch(Tensor t, Shape batch) {
        return t.reshape(t.shape().slice(1, t.rank()).prepend(batch.dims()));
    }

    private static void check(String what, Tensor a) {
        if (a.rank() < 2) {
            throw new IllegalArgumentException(what + ": a matrix needed, shape is " + a.shape());
        }
        if (!a.dtype().isReal()) {
            throw new IllegalArgumentException(what + ": F32 or F64 needed, not " + a.dtype());
        }
        if (a.size() == 0) {
            throw new IllegalArgumentException(what + ": an empty matrix has no factors, shape is " + a.shape());
        }
        try (Scope _ = Scope.open()) {
            // 0 · x is 0, or NaN where x is not finite: one number to look at, wherever the matrix is
            if (a.affine(0, 0).sumAll().item() != 0) {
                throw notFinite(what, a);
            }
        }
    }

    private static IllegalArgumentException notFinite(String what, Tensor a) {
        double[] x = a.toDoubles();
        int i = 0;
        while (i < x.length - 1 && Double.isFinite(x[i])) {
            i++;
        }
        int columns = a.dim(-1);
        int row = i / columns % a.dim(-2);
        return new IllegalArgumentException(what + ": the matrix is not finite: " + x[i] + " in row " + row
                + ", column " + i % columns + " of shape " + a.shape());
    }
}
