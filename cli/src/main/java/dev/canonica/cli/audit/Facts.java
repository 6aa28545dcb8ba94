package dev.canonica.cli.audit;

import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that an audit has found: what its page and its JSON say.
 *
 * @param primitives empty where they were left out
 * @param losses composed of primitives, checked like them; empty where they were left out
 * @param known equations at cases that are known; empty where they were left out
 * @param model empty where there is none
 * @param golden the golden cases; empty where they were left out, or are not there
 * @param surroundings on what it ran
 * @param code that ran
 * @param command that makes it again
 */
public record Facts(
        List<Primitive> primitives,
        List<Primitive> losses,
        List<KnownCase> known,
        Optional<Model> model,
        List<GoldenCase> golden,
        Map<String, String> surroundings,
        CodeDigest code,
        String command) {
    /**
     * What was found of a model.
     *
     * @param name the folder, as it was given
     * @param digest of its files
     * @param checks of layers and gradients
     * @param decomposition of its Jacobian; empty where there was none
     * @param failure why there was none; empty where there was no failure
     */
    public record Model(
            String name,
            String digest,
            List<CheckResult> checks,
            Optional<Decomposition> decomposition,
            String failure) {}

    /** All checks with their results: a row of the table, a known case, a layer, a golden case that was run, a decomposition. */
    public int checks() {
        int ofModel = model.map(m -> m.checks.size() + (m.decomposition.isPresent() || !m.failure.isEmpty() ? 1 : 0))
                .orElse(0);
        return primitives.size()
                + losses.size()
                + known.size()
                + ofModel
                + Math.toIntExact(
                        golden.stream().filter(g -> g.run().isPresent()).count());
    }

    /** Checks that miss. */
    public int missed() {
        int ofModel = model.map(m -> Math.toIntExact(
                                m.checks.stream().filter(c -> !c.passed()).count())
                        + (decompositionMisses(m).isEmpty() ? 0 : 1))
                .orElse(0);
        return Math.toIntExact(rows().filter(p -> !p.result().passed()).count())
                + Math.toIntExact(known.stream().filter(KnownCase::misses).count())
                + ofModel
                + Math.toIntExact(golden.stream().filter(GoldenCase::misses).count());
    }

    private Stream<Primitive> rows() {
        return Stream.concat(primitives.stream(), losses.stream());
    }

    private static List<String> decompositionMisses(Model m) {
        return m.failure.isEmpty() ? m.decomposition.map(Decomposition::misses).orElse(List.of()) : List.of(m.failure);
    }

    /** A line for each miss: of what, where, how large, what is allowed. */
    public List<String> misses() {
        List<String> lines = new ArrayList<>();
        Stream.concat(rows().map(Primitive::result), model.stream().flatMap(m -> m.checks.stream()))
                .forEach(r -> r.failures().forEach(f -> lines.add(r.name() + ": " + f)));
        known.stream().filter(KnownCase::misses).map(KnownCase::miss).forEach(lines::add);
        model.ifPresent(m -> decompositionMisses(m).forEach(f -> lines.add("decomposition: " + f)));
        golden.stream()
                .filter(GoldenCase::misses)
                .forEach(g -> g.run().orElseThrow().misses().forEach(f -> lines.add(g.folder() + ": " + f)));
        return lines;
    }

    /** The primitives' worst error of each kind that was looked for, by its share of what is allowed. */
    public List<Check> worst() {
        return Arrays.stream(ErrorKind.values())
                .map(kind -> primitives.stream()
                        .filter(p -> p.result().worst().containsKey(kind))
                        .map(p -> Check.of(p.result(), kind, p.tolerance().of(kind)))
                        .max(Comparator.comparingDouble(Check::share))
                        .orElse(null))
                .filter(Objects::nonNull)
                .toList();
    }
}
