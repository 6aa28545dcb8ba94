package dev.canonica.cli.audit;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.clarid.LinearOperator;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.RandomizedSvd.Triples;
import dev.canonica.clarid.metrics.PrincipalAngles;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The certified triples of a model's Jacobian at one latent beside an exact decomposition: so many of the layer's features, all of the latent. The matrix
 * is formed whole, row by row, from pulls of unit vectors, and decomposed by one-sided Jacobi rotations in double; the certificate sees the same map by products alone.
 *
 * @param layer whose features are differentiated
 * @param at the latent
 * @param rows features that count, those in the middle of all
 * @param columns numbers of the latent
 * @param exact the leading singular values, n + 1 of them
 * @param found those of the certified triples [n]
 * @param residual ‖Jᵀ(J v_i) − σ_i² v_i‖ / σ_i² of each [n]
 * @param tolerance of the certificate
 * @param products vectors that were pushed or pulled for it
 * @param leading k of the best separated subspace
 * @param sine of the largest angle between its exact and its certified directions
 * @param sineAllowed by the residuals and the rounding of products over the gap behind σ_k² (Davis &amp; Kahan 1970)
 * @param bound above ‖J − J V Vᵀ‖, which is σ_{n+1} for the exact V
 * @param rounding of the exact decomposition: {@link LinearAlgebra.Svd#error}
 */
public record Decomposition(
        String layer,
        String at,
        int rows,
        int columns,
        double[] exact,
        double[] found,
        double[] residual,
        double tolerance,
        int products,
        int leading,
        double sine,
        double sineAllowed,
        double bound,
        double rounding) {
    /** n. */
    private static final int RANK = 10;

    /** The most features that are decomposed. */
    private static final int ROWS = 768;

    /** What products in single precision are right to, relative to σ₁². */
    private static final double ROUNDING = 1e-6;

    private static final int BLOCK = 64;
    private static final int PROBES = 6;

    /** What does not hold; empty where all does. */
    public List<String> misses() {
        List<String> misses = new ArrayList<>();
        for (int i = 0; i < found.length; i++) {
            check(misses, "residual " + (i + 1), residual[i], tolerance);
            check(misses, "σ" + (i + 1), error(i), tolerance / 2);
        }
        check(misses, "sine of the angle of the first " + leading + " directions", sine, sineAllowed);
        check(misses, "σ" + exact.length + " above the bound: share", exact[exact.length - 1] / bound, 1);
        return misses;
    }

    private static void check(List<String> misses, String what, double error, double allowed) {
        if (!(error <= allowed)) { // NaN is a miss
            misses.add(String.format(Locale.ROOT, "%s: error %.1e, allowed %.1e", what, error, allowed));
        }
    }

    /** |σ_i − exact σ_i| / exact σ_i. */
    public double error(int i) {
        return exact[i] == 0 && found[i] == 0 ? 0 : Math.abs(found[i] - exact[i]) / exact[i];
    }

    /** The greatest of them. */
    double worstError() {
        return IntStream.range(0, found.length).mapToDouble(this::error).max().orElse(Double.NaN);
    }

    /**
     * Of a model at one latent.
     *
     * @param x [1, *sample]
     * @param at what it is, in words
     */
    static Decomposition of(
            DenoisingModel model, String layer, Tensor x, Tensor times, Condition condition, String at) {
        try (Scope _ = Scope.open()) {
            Linearization l = Autodiff.linearize(v -> model.features(v, times, condition, layer), x);
            LinearOperator j = middle(l, x.shape());
            return of(j, layer, at);
        }
    }

    private static Decomposition of(LinearOperator j, String layer, String at) {
        Tensor matrix = dense(j);
        int rows = matrix.dim(0);
        int columns = matrix.dim(1);
        LinearAlgebra.Svd svd = LinearAlgebra.svd(matrix);
        double[] s = svd.s().toDoubles();
        int n = Math.min(RANK, s.length - 1);
        RandomizedSvd method = new RandomizedSvd(n, 2, 60, 1e-3, PROBES, 0);
        Triples found = method.solve(j).samples().getFirst();
        int k = bestSeparated(s, n);
        PrincipalAngles angles = PrincipalAngles.betweenRows(vectors(svd.vt(), k), Arrays.copyOf(found.v(), k));
        double residuals = 0;
        for (int i = 0; i < k; i++) {
            residuals = Math.hypot(residuals, found.residual()[i] * found.sigma()[0] * found.sigma()[0]);
        }
        residuals += ROUNDING * s[0] * s[0];
        double gap = s[k - 1] * s[k - 1] - s[k] * s[k];
        return new Decomposition(
                layer,
                at,
                rows,
                columns,
                Arrays.copyOf(s, n + 1),
                found.sigma(),
                found.relativeResiduals(),
                method.tolerance(),
                found.products(),
                k,
                Math.sin(angles.angles()[0]),
                Math.min(1, 2 * residuals / gap),
                found.bound(),
                svd.error(matrix));
    }

    /** The number of leading directions, at most n, after which the spectrum falls most: their span is determined best. */
    static int bestSeparated(double[] s, int n) {
        int best = 1;
        for (int k = 1; k <= n; k++) {
            if (s[k - 1] - s[k] > s[best - 1] - s[best]) {
                best = k;
            }
        }
        return best;
    }

    private static double[][] vectors(Tensor vt, int k) {
        double[][] v = new double[k][];
        for (int i = 0; i < k; i++) {
            v[i] = vt.row(i).toDoubles();
        }
        return v;
    }

    /** The features in the middle of all: at most {@value #ROWS}. */
    private static LinearOperator middle(Linearization l, Shape input) {
        LinearOperator whole = LinearOperator.jacobian(l, input);
        Shape range = l.value().shape(); // [1, *range]
        int all = Math.toIntExact(range.size());
        int rows = Math.min(ROWS, all);
        int from = (all - rows) / 2;
        return new LinearOperator() {
            @Override
            public int batch() {
                return 1;
            }

            @Override
            public Shape domain() {
                return whole.domain();
            }

            @Override
            public DType dtype() {
                return whole.dtype();
            }

            @Override
            public Tensor push(Tensor v) {
                return whole.push(v).reshape(v.dim(0), 1, all).slice(2, from, from + rows);
            }

            @Override
            public Tensor pull(Tensor u) {
                Tensor y = u.pad(2, from, all - from - rows);
                return whole.pull(y.reshape(range.prepend(u.dim(0))));
            }
        };
    }

    /** J [rows, columns] in double. */
    private static Tensor dense(LinearOperator j) {
        int columns = Math.toIntExact(j.domain().size());
        Shape range;
        try (Scope _ = Scope.open()) {
            range = j.push(Tensor.zeros(j.dtype(), j.domain().prepend(1).prepend(1)))
                    .shape();
        }
        int rows = range.dim(2);
        double[] all = new double[Math.multiplyExact(rows, columns)];
        for (int from = 0; from < rows; from += BLOCK) {
            int count = Math.min(BLOCK, rows - from);
            double[] units = new double[count * rows];
            for (int i = 0; i < count; i++) {
                units[i * rows + from + i] = 1;
            }
            try (Scope _ = Scope.open()) {
                Tensor u = Tensor.of(units, count, 1, rows).to(j.dtype());
                System.arraycopy(j.pull(u).toDoubles(), 0, all, from * columns, count * columns);
            }
        }
        return Tensor.of(all, rows, columns);
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
