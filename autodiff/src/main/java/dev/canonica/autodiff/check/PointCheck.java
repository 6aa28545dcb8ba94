package dev.canonica.autodiff.check;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The check of a function at one point by some of its inputs, the others being constants. F32 works on a block of five directions; F64,
 * which is slow, on the first two of them.
 */
final class PointCheck {
    private static final int BLOCK = 5;
    private static final int EXACT = 2;

    private final String where;
    private final Findings findings;
    private final Function<List<Var>, Var> f64;
    private final List<Tensor> x64;
    private final Function<List<Var>, Var> f32;
    private final List<Tensor> x32;
    private final Linearization narrow;
    private final Linearization wide;
    private final Tensor[] v32;
    private final Tensor[] v64;
    private final Tensor u32;
    private final Tensor u64;

    PointCheck(
            Function<List<Var>, Var> f32,
            Function<List<Var>, Var> f64,
            List<Tensor> inputs,
            List<Integer> active,
            Philox random,
            String where,
            Findings findings) {
        this.where = where;
        this.findings = findings;
        this.f64 = restricted(f64, inputs, active);
        List<Tensor> inputs32 = inputs.stream().map(t -> t.to(DType.F32)).toList();
        this.x64 = active.stream().map(inputs::get).toList();
        this.f32 = restricted(f32, inputs32, active);
        this.x32 = active.stream().map(inputs32::get).toList();
        this.narrow = Autodiff.linearize(this.f32, x32);
        this.wide = Autodiff.linearize(this.f64, x64);
        int n = active.size();
        v32 = new Tensor[n];
        v64 = new Tensor[n];
        for (int i = 0; i < n; i++) {
            v32[i] = Tensor.normal(DType.F32, x64.get(i).shape().prepend(BLOCK), random.child(i));
            v64[i] = v32[i].rows(0, EXACT).to(DType.F64);
        }
        u32 = Tensor.normal(DType.F32, wide.value().shape().prepend(BLOCK), random.child(n));
        u64 = u32.rows(0, EXACT).to(DType.F64);
    }

    /** The function of the active inputs alone. */
    private static Function<List<Var>, Var> restricted(
            Function<List<Var>, Var> f, List<Tensor> inputs, List<Integer> active) {
        return v -> {
            List<Var> all = new ArrayList<>();
            for (int i = 0; i < inputs.size(); i++) {
                int at = active.indexOf(i);
                all.add(at < 0 ? Var.constant(inputs.get(i)) : v.get(at));
            }
            return f.apply(all);
        };
    }

    /** Checks the second derivative, or that it is refused. */
    void runSecond(boolean exists) {
        SecondCheck check = new SecondCheck(f32, f64, x64, where, findings);
        if (exists) {
            check.run(x32, u32, u64, v32, v64);
        } else {
            check.refused(u64, v64);
        }
    }

    void run() {
        try (Scope scope = Scope.open()) {
            Tensor push32 = narrow.push(v32);
            Tensor[] pull32 = narrow.pull(u32);
            Tensor push64 = wide.push(v64);
            Tensor[] pull64 = wide.pull(u64);
            checkTypes(push32, pull32);
            checkPrecision(push32, pull32, push64, pull64);
            checkAdjoint(ErrorKind.ADJOINT, push32, pull32, v32, u32);
            checkAdjoint(ErrorKind.ADJOINT_F64, push64, pull64, v64, u64);
            checkBlock(push32, pull32);
            checkInputsOneByOne(push32);
            checkNoDirections();
            checkDifferences(push64, pull64);
        }
    }

    private void checkTypes(Tensor push32, Tensor[] pull32) {
        if (narrow.value().dtype() != DType.F32 || wide.value().dtype() != DType.F64) {
            findings.failure(
                    where,
                    "values are " + narrow.value().described() + " and "
                            + wide.value().described());
        }
        if (push32.dtype() != DType.F32) {
            findings.failure(where, "push is " + push32.described());
        }
        for (Tensor t : pull32) {
            if (t.dtype() != DType.F32) {
                findings.failure(where, "pull is " + t.described());
            }
        }
    }

    /** F32 against F64: value, push, pull. */
    private void checkPrecision(Tensor push32, Tensor[] pull32, Tensor push64, Tensor[] pull64) {
        double[] y = wide.value().toDoubles();
        double error = Norms.distance(narrow.value().toDoubles(), y);
        findings.error(where, ErrorKind.VALUE, Norms.relative(error, Norms.max(y)));

        compare(ErrorKind.PUSH, push32.rows(0, EXACT), push64, pushScale());
        for (int i = 0; i < pull64.length; i++) {
            compare(ErrorKind.PULL, pull32[i].rows(0, EXACT), pull64[i], pullScale(i));
        }
    }

    /** ‖y‖ ‖v‖ / ‖x‖, summed over the inputs. */
    private double pushScale() {
        double y = Norms.max(wide.value().toDoubles());
        double scale = 0;
        for (int i = 0; i < v32.length; i++) {
            scale += ratio(
                    y * Norms.max(v32[i].toDoubles()), Norms.max(x64.get(i).toDoubles()));
        }
        return scale;
    }

    /** ‖y‖ ‖u‖ / ‖x‖ for one input. */
    private double pullScale(int i) {
        double y = Norms.max(wide.value().toDoubles());
        return ratio(y * Norms.max(u32.toDoubles()), Norms.max(x64.get(i).toDoubles()));
    }

    private static double ratio(double a, double b) {
        return b == 0 ? 0 : a / b;
    }

    private void compare(ErrorKind kind, Tensor t, Tensor reference, double scale) {
        double[] r = reference.toDoubles();
        findings.error(where, kind, Norms.relative(Norms.distance(t.toDoubles(), r), Math.max(scale, Norms.max(r))));
    }

    /** ⟨u, J v⟩ = ⟨Jᵀ u, v⟩, direction by direction. */
    private void checkAdjoint(ErrorKind kind, Tensor push, Tensor[] pull, Tensor[] v, Tensor u) {
        for (int k = 0; k < u.dim(0); k++) {
            double[] uk = u.row(k).toDoubles();
            double[] push1 = push.row(k).toDoubles();
            double right = 0;
            double scale = Norms.euclidean(uk) * (Norms.euclidean(push1) + naturalPush(k, v));
            for (int i = 0; i < v.length; i++) {
                double[] vk = v[i].row(k).toDoubles();
                double[] pullk = pull[i].row(k).toDoubles();
                right += Norms.dot(pullk, vk);
                scale += Norms.euclidean(pullk) * Norms.euclidean(vk);
            }
            findings.error(where, kind, Norms.relative(Math.abs(Norms.dot(uk, push1) - right), scale));
        }
    }

    /** ‖y‖ ‖v‖ / ‖x‖ in Euclidean norms, summed over the inputs, for one direction. */
    private double naturalPush(int k, Tensor[] v) {
        double y = Norms.euclidean(wide.value().toDoubles());
        double scale = 0;
        for (int i = 0; i < v.length; i++) {
            scale += ratio(
                    y * Norms.euclidean(v[i].row(k).toDoubles()),
                    Norms.euclidean(x64.get(i).toDoubles()));
        }
        return scale;
    }

    /** A block gives the same as its directions one by one. */
    private void checkBlock(Tensor push32, Tensor[] pull32) {
        for (int k = 0; k < BLOCK; k++) {
            Tensor[] one = new Tensor[v32.length];
            for (int i = 0; i < one.length; i++) {
                one[i] = v32[i].rows(k, k + 1);
            }
            compare(ErrorKind.BLOCK, narrow.push(one), push32.rows(k, k + 1), pushScale());
            Tensor[] pulled = narrow.pull(u32.rows(k, k + 1));
            for (int i = 0; i < pulled.length; i++) {
                compare(ErrorKind.BLOCK, pulled[i], pull32[i].rows(k, k + 1), pullScale(i));
            }
        }
    }

    /** J v = Σᵢ Jᵢ vᵢ, with null for the tangents of the other inputs. */
    private void checkInputsOneByOne(Tensor push32) {
        if (v32.length < 2) {
            return;
        }
        double[] sum = new double[Math.toIntExact(push32.size())];
        for (int i = 0; i < v32.length; i++) {
            @Nullable Tensor[] one = new Tensor[v32.length];
            one[i] = v32[i];
            double[] part = narrow.push(one).toDoubles();
            for (int j = 0; j < sum.length; j++) {
                sum[j] += part[j];
            }
        }
        double[] joint = push32.toDoubles();
        double scale = Math.max(pushScale(), Norms.max(joint));
        findings.error(where, ErrorKind.BLOCK, Norms.relative(Norms.distance(sum, joint), scale));
    }

    /** A block without directions gives one. */
    private void checkNoDirections() {
        Tensor[] none = new Tensor[v32.length];
        for (int i = 0; i < none.length; i++) {
            none[i] = v32[i].rows(0, 0);
        }
        Shape pushed = narrow.push(none).shape();
        if (!pushed.equals(wide.value().shape().prepend(0))) {
            findings.failure(where, "push of no directions has shape " + pushed);
        }
        Tensor[] pulled = narrow.pull(u32.rows(0, 0));
        for (int i = 0; i < pulled.length; i++) {
            if (!pulled[i].shape().equals(x64.get(i).shape().prepend(0))) {
                findings.failure(where, "pull of no directions has shape " + pulled[i].shape());
            }
        }
    }

    /** F64 push, and ⟨Jᵀ u, v⟩, against central differences. */
    private void checkDifferences(Tensor push64, Tensor[] pull64) {
        for (int k = 0; k < EXACT; k++) {
            int direction = k;
            List<Tensor> v = Arrays.stream(v64).map(t -> t.row(direction)).toList();
            double[] d = Differences.derivative(f64, x64, v);
            double error = Norms.distance(push64.row(k).toDoubles(), d);
            findings.error(
                    where, ErrorKind.PUSH_DIFFERENCE, Norms.relative(error, Math.max(pushScale(), Norms.max(d))));
            double[] u = u64.row(k).toDoubles();
            double pulled = 0;
            for (int i = 0; i < v.size(); i++) {
                pulled += Norms.dot(pull64[i].row(k).toDoubles(), v.get(i).toDoubles());
            }
            double scale = Norms.euclidean(u) * Math.max(naturalPush(k, v64), Norms.euclidean(d));
            findings.error(where, ErrorKind.PULL_DIFFERENCE, Norms.relative(Math.abs(pulled - Norms.dot(u, d)), scale));
        }
    }
}
