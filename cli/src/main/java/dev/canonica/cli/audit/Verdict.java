package dev.canonica.cli.audit;

import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import dev.canonica.clarid.report.data.Numbers;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** An audit in one paragraph. */
final class Verdict {
    private static final Set<ErrorKind> SINGLE = EnumSet.of(ErrorKind.VALUE, ErrorKind.PUSH, ErrorKind.PULL);
    private static final Set<ErrorKind> DIFFERENCES =
            EnumSet.of(ErrorKind.PUSH_DIFFERENCE, ErrorKind.PULL_DIFFERENCE, ErrorKind.SECOND_DIFFERENCE);
    private static final Set<ErrorKind> ADJOINT = EnumSet.of(ErrorKind.ADJOINT_F64);

    private final Facts facts;
    private final StringBuilder text = new StringBuilder();

    private Verdict(Facts facts) {
        this.facts = facts;
    }

    static String of(Facts facts) {
        Verdict verdict = new Verdict(facts);
        verdict.write();
        return verdict.text.toString();
    }

    private void write() {
        add(
                facts.missed() == 0
                        ? "All %s hold.".formatted(Numbers.count(facts.checks(), "check"))
                        : "%s of %s missed: do not sign."
                                .formatted(facts.missed(), Numbers.count(facts.checks(), "check")));
        primitives();
        facts.model().ifPresent(this::model);
        golden();
        equations();
    }

    private void equations() {
        List<Equation> all = Equations.all();
        long measured = all.stream().filter(e -> Now.isMeasured(e, facts)).count();
        add("%s of %s equations were measured now; beside the others stands the test that holds them."
                .formatted(measured, all.size()));
    }

    private void primitives() {
        if (facts.primitives().isEmpty()) {
            add("The primitives were left out.");
            return;
        }
        add(
                "%s were checked at %s. Their worst relative errors: %s for value, push and pull in single against double precision, %s for derivatives in double against central differences, %s for the adjoint identity in double."
                        .formatted(
                                Numbers.count(facts.primitives().size(), "primitive"),
                                Numbers.count(
                                        facts.primitives().stream()
                                                .mapToInt(p -> p.result().cases())
                                                .sum(),
                                        "case"),
                                worst(SINGLE),
                                worst(DIFFERENCES),
                                worst(ADJOINT)));
    }

    private String worst(Set<ErrorKind> kinds) {
        return AuditPage.number(facts.worst().stream()
                .filter(c -> kinds.contains(c.kind()))
                .mapToDouble(Check::error)
                .max()
                .orElse(Double.NaN));
    }

    private void model(Facts.Model model) {
        add("The model %s, in single against double precision, %s."
                .formatted(model.name(), model.checks().stream().allMatch(CheckResult::passed) ? "holds" : "misses"));
        model.decomposition()
                .ifPresent(d -> add(
                        "The certified singular values of its Jacobian are those of an exact decomposition to %s of themselves."
                                .formatted(AuditPage.number(d.worstError()))));
    }

    private void golden() {
        if (facts.golden().isEmpty()) {
            add("No golden case was run.");
            return;
        }
        long run = facts.golden().stream().filter(g -> g.run().isPresent()).count();
        add(
                "Of %s golden cases of reference implementations %s were run; the others are listed with the test that runs them."
                        .formatted(facts.golden().size(), run));
    }

    private void add(String sentence) {
        text.append(text.isEmpty() ? "" : " ").append(sentence);
    }
}
