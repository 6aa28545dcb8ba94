package dev.canonica.autodiff.check;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The harness: holds a function to double precision, to central differences and to the adjoint identity (see {@link ErrorKind}). It serves
 * rows of the table, functions composed of primitives, and whole models.
 */
public final class PrimitiveCheck {
    private PrimitiveCheck() {}

    /**
     * Checks a primitive at all samples of its row, by every set of its inputs, and all that it must refuse. Second derivatives are checked by each input alone, and by all.
     */
    public static CheckResult check(Row row) {
        return check(row, true);
    }

    /** As {@link #check(Row)}, without second derivatives, which take about the time of all else. */
    public static CheckResult checkFirst(Row row) {
        return check(row, false);
    }

    private static CheckResult check(Row row, boolean second) {
        Findings findings = new Findings(row.name(), row.tolerance());
        Philox random = new Philox(row.name().hashCode());
        int n = 0;
        for (Sample sample : row.samples()) {
            Philox own = random.child(n++);
            try (Scope scope = Scope.open()) {
                List<Tensor> inputs = sample.inputs(own);
                for (int set = 1; set < 1 << inputs.size(); set++) {
                    List<Integer> active = members(set, inputs.size());
                    String where = inputs.size() == 1 ? sample.toString() : sample + ", by inputs " + active;
                    Philox draws = own.child(100 + set);
                    run(findings, where, () -> {
                        PointCheck check =
                                new PointCheck(sample.f(), sample.f(), inputs, active, draws, where, findings);
                        check.run();
                        if (second && (active.size() == 1 || active.size() == inputs.size())) {
                            check.runSecond(row.hasSecond());
                        }
                    });
                }
            }
        }
        for (Refusal refusal : row.refusals()) {
            findings.count();
            String complaint = refusal.complaint();
            if (!complaint.isEmpty()) {
                findings.failure("refusal", complaint);
            }
        }
        return findings.result();
    }

    /**
     * Checks a function of any kind at one point, by all of its inputs at once.
     *
     * @param f written for the type of its inputs, whichever that is
     * @param inputs where; rounded to F32 first, so that both types start from the same point
     */
    public static CheckResult check(String name, Function<List<Var>, Var> f, List<Tensor> inputs, Tolerance tolerance) {
        return check(name, f, f, inputs, tolerance);
    }

    /**
     * As {@link #check(String, Function, List, Tolerance)}, for a function that holds tensors of its own, such as a model with its weights.
     *
     * @param f32 the function of F32 inputs
     * @param f64 the same function of F64 inputs
     */
    public static CheckResult check(
            String name,
            Function<List<Var>, Var> f32,
            Function<List<Var>, Var> f64,
            List<Tensor> inputs,
            Tolerance tolerance) {
        Findings findings = new Findings(name, tolerance);
        try (Scope scope = Scope.open()) {
            List<Tensor> rounded =
                    inputs.stream().map(t -> t.to(DType.F32).to(DType.F64)).toList();
            List<Integer> all = IntStream.range(0, inputs.size()).boxed().toList();
            run(
                    findings,
                    name,
                    () -> new PointCheck(f32, f64, rounded, all, new Philox(name.hashCode()), name, findings).run());
        }
        return findings.result();
    }

    /** An exception is a finding: it says which case it comes from, and the other cases are still checked. */
    private static void run(Findings findings, String where, Runnable check) {
        findings.count();
        try {
            check.run();
        } catch (RuntimeException e) {
            findings.failure(where, e.toString());
        }
    }

    private static List<Integer> members(int set, int n) {
        return IntStream.range(0, n).filter(i -> (set >> i & 1) != 0).boxed().toList();
    }
}
