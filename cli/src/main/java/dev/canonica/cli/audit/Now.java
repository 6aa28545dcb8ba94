package dev.canonica.cli.audit;

import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import dev.canonica.clarid.report.data.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an audit has measured of an equation. */
final class Now {
    /** What is said of an equation of which nothing was measured, before its tests. */
    static final String HELD = "Not measured here: held by";

    private Now() {}

    /** In a line; where nothing was measured, the tests that hold it. */
    static String of(Equation e, Facts facts) {
        List<String> found = measured(e, facts);
        return found.isEmpty()
                ? "%s %s.".formatted(HELD, String.join(", ", e.tests()))
                : "Now: " + String.join("; ", found) + ".";
    }

    /** Whether something of it was measured. */
    static boolean isMeasured(Equation e, Facts facts) {
        return !measured(e, facts).isEmpty();
    }

    private static List<String> measured(Equation e, Facts facts) {
        List<String> found = new ArrayList<>();
        known(e, facts)
                .forEach(k -> found.add("%s: off by %s (allowed: %s)"
                        .formatted(k.what(), AuditPage.number(k.error()), AuditPage.number(k.allowed()))));
        Optional<CheckResult> loss = loss(e, facts);
        loss.ifPresent(r -> found.add(errors(r)));
        if (!e.kinds().isEmpty() && !facts.primitives().isEmpty()) {
            found.add("of all primitives "
                    + facts.worst().stream()
                            .filter(c -> e.kinds().contains(c.kind()))
                            .map(c -> "%s %s".formatted(c.kind().title(), AuditPage.number(c.error())))
                            .collect(Collectors.joining(", ")));
        }
        if (e.decomposed()) {
            facts.model()
                    .flatMap(Facts.Model::decomposition)
                    .ifPresent(d -> found.add("σ to %s, residuals to %s, on the model below"
                            .formatted(
                                    AuditPage.number(d.worstError()),
                                    AuditPage.number(
                                            Arrays.stream(d.residual()).max().orElse(Double.NaN)))));
        }
        List<GoldenCase.Run> runs = facts.golden().stream()
                .filter(g -> e.isHeldBy(g.name()))
                .flatMap(g -> g.run().stream())
                .toList();
        if (!runs.isEmpty()) {
            found.add("%s of %s, the worst error %s of what is allowed"
                    .formatted(
                            Numbers.count(
                                    runs.stream()
                                            .mapToInt(GoldenCase.Run::compared)
                                            .sum(),
                                    "array"),
                            Numbers.count(runs.size(), "golden case"),
                            percent(runs.stream()
                                    .mapToDouble(GoldenCase.Run::share)
                                    .max()
                                    .orElseThrow())));
        }
        return found;
    }

    private static Stream<KnownCase> known(Equation e, Facts facts) {
        return facts.known().stream().filter(k -> k.equation().equals(e.title()));
    }

    /** Whether something of it misses. */
    static boolean misses(Equation e, Facts facts) {
        return loss(e, facts).map(r -> !r.passed()).orElse(false)
                || known(e, facts).anyMatch(KnownCase::misses)
                || e.decomposed()
                        && facts.model()
                                .flatMap(Facts.Model::decomposition)
                                .map(d -> !d.misses().isEmpty())
                                .orElse(false)
                || facts.golden().stream().anyMatch(g -> e.isHeldBy(g.name()) && g.misses());
    }

    /** The check of the loss that the equation is of: of the method, or of the only one of the class. */
    private static Optional<CheckResult> loss(Equation e, Facts facts) {
        Place place = e.place();
        List<Primitive> ofClass = facts.losses().stream()
                .filter(l -> l.place().file().equals(place.file()))
                .toList();
        return ofClass.stream()
                .filter(l -> place.member().isEmpty()
                        ? ofClass.size() == 1
                        : l.place().equals(place))
                .map(Primitive::result)
                .findFirst();
    }

    /** The worst errors of a check, by their kinds. */
    private static String errors(CheckResult r) {
        return Arrays.stream(ErrorKind.values())
                .filter(k -> r.worst().containsKey(k) && k != ErrorKind.BLOCK)
                .map(k -> k.title() + " " + AuditPage.number(r.worst(k)))
                .collect(Collectors.joining(", "));
    }

    /** A share in hundredths; of what is equal or wrong that is 0 or infinite. */
    private static String percent(double share) {
        return Double.isFinite(share) ? Numbers.format(100 * share) + " %" : AuditPage.number(share);
    }
}
