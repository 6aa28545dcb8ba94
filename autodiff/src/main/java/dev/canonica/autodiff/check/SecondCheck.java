package dev.canonica.autodiff.check;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The check of a function's second derivative at a point, H(u) v with H(u) the Hessian of ⟨u, f⟩, at one cotangent and two directions: F32 against F64, F64 against
 * central differences of the pull, and its symmetry.
 */
final class SecondCheck {
    private final String where;
    private final Findings findings;
    private final Function<List<Var>, Var> f32;
    private final Function<List<Var>, Var> f64;
    private final List<Tensor> x;

    /**
     * A check.
     *
     * @param f32 of the inputs that are differentiated, and {@code f64} the same
     * @param x these inputs, in F64
     */
    SecondCheck(
            Function<List<Var>, Var> f32,
            Function<List<Var>, Var> f64,
            List<Tensor> x,
            String where,
            Findings findings) {
        this.f32 = f32;
        this.f64 = f64;
        this.x = x;
        this.where = where;
        this.findings = findings;
    }

    /**
     * Runs it.
     *
     * @param x32 the inputs in F32
     * @param u32 cotangents in F32, of which the first is taken
     * @param u64 the same in F64
     * @param v32 directions in F32, of which the first two are taken
     * @param v64 the same two in F64
     */
    void run(List<Tensor> x32, Tensor u32, Tensor u64, Tensor[] v32, Tensor[] v64) {
        try (Scope scope = Scope.open()) {
            Tensor u = u64.rows(0, 1);
            Tensor[] wide = Autodiff.linearizeTwice(f64, x).hessianPush(u, v64);
            Tensor[] two = Arrays.stream(v32).map(t -> t.rows(0, 2)).toArray(Tensor[]::new);
            Tensor[] narrow = Autodiff.linearizeTwice(f32, x32).hessianPush(u32.rows(0, 1), two);
            double scale = scale(u, v64);
            for (int i = 0; i < wide.length; i++) {
                double[] h = wide[i].toDoubles();
                double error = Norms.distance(narrow[i].toDoubles(), h);
                findings.error(where, ErrorKind.SECOND, Norms.relative(error, Math.max(scale, Norms.max(h))));
            }
            checkDifferences(u, wide, v64, scale);
            checkSymmetry(wide, v64, scale);
        }
    }

    /** That it is refused, by a message that says so. */
    void refused(Tensor u64, Tensor[] v64) {
        try (Scope scope = Scope.open()) {
            Linearization l = Autodiff.linearizeTwice(f64, x);
            try {
                l.hessianPush(u64.rows(0, 1), v64);
                findings.failure(where, "gives a second derivative, which its row says it has not");
            } catch (IllegalArgumentException e) {
                if (!String.valueOf(e.getMessage()).startsWith("no second derivative")) {
                    throw e;
                }
            }
        }
    }

    /**
     * The greater of ‖Jᵀ u‖ ‖v‖ / ‖x‖ and ‖y‖ ‖u‖ ‖v‖ / ‖x‖², what a second derivative in which large terms cancel is held to. Far out, one ‖x‖ is taken as 1: what
     * saturates turns within that distance.
     */
    private double scale(Tensor u, Tensor[] v) {
        Linearization l = Autodiff.linearize(f64, x);
        double y = Norms.max(l.value().toDoubles()) * Norms.max(u.toDoubles());
        Tensor[] pulled = l.pull(u);
        double scale = 0;
        for (int i = 0; i < v.length; i++) {
            double size = Norms.max(x.get(i).toDoubles());
            if (size > 0) {
                double p = Math.max(Norms.max(pulled[i].toDoubles()), y / Math.min(size, 1));
                scale = Math.max(scale, p * Norms.max(v[i].toDoubles()) / size);
            }
        }
        return scale;
    }

    private void checkDifferences(Tensor u, Tensor[] h, Tensor[] v, double scale) {
        for (int k = 0; k < v[0].dim(0); k++) {
            int direction = k;
            List<Tensor> one = Arrays.stream(v).map(t -> t.row(direction)).toList();
            double[] differences = Differences.along(moved -> pulled(moved, u), x, one);
            double[] ours = joined(Arrays.stream(h).map(t -> t.row(direction)).toArray(Tensor[]::new));
            double error = Norms.distance(ours, differences);
            findings.error(
                    where, ErrorKind.SECOND_DIFFERENCE, Norms.relative(error, Math.max(scale, Norms.max(differences))));
        }
    }

    private double[] pulled(List<Tensor> at, Tensor u) {
        return joined(Autodiff.linearize(f64, at).pull(u));
    }

    private static double[] joined(Tensor... parts) {
        return Arrays.stream(parts)
                .flatMapToDouble(t -> Arrays.stream(t.toDoubles()))
                .toArray();
    }

    private void checkSymmetry(Tensor[] h, Tensor[] v, double scale) {
        double left = 0;
        double right = 0;
        double size = 0;
        for (int i = 0; i < v.length; i++) {
            double[] v0 = v[i].row(0).toDoubles();
            double[] v1 = v[i].row(1).toDoubles();
            double[] h0 = h[i].row(0).toDoubles();
            double[] h1 = h[i].row(1).toDoubles();
            left += Norms.dot(v1, h0);
            right += Norms.dot(v0, h1);
            size += Norms.euclidean(v1) * Norms.euclidean(h0) + Norms.euclidean(v0) * Norms.euclidean(h1);
            size += scale * Norms.euclidean(v0) * Norms.euclidean(v1);
        }
        findings.error(where, ErrorKind.SYMMETRY_F64, Norms.relative(Math.abs(left - right), size));
    }
}
