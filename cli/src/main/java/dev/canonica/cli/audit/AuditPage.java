package dev.canonica.cli.audit;

import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import dev.canonica.autodiff.check.Tolerance;
import dev.canonica.clarid.report.data.Note;
import dev.canonica.clarid.report.data.Numbers;
import dev.canonica.clarid.report.page.PlainPage;
import dev.canonica.clarid.report.page.PlainPage.Cell;
import dev.canonica.clarid.report.page.PlainPage.Entry;
import dev.canonica.clarid.report.page.PlainPage.Link;
import dev.canonica.clarid.report.page.PlainPage.Piece;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An audit as a page to sign: the verdict and what misses first, then the equations, then what the verdict rests on, piece by piece. What is open is read in about ten minutes; formulas,
 * primitives, golden cases and digests are folded.
 */
public final class AuditPage {
    /** The columns of a primitive's row. */
    private static final List<ErrorKind> KINDS = List.of(
            ErrorKind.VALUE,
            ErrorKind.PUSH,
            ErrorKind.PULL,
            ErrorKind.ADJOINT,
            ErrorKind.PUSH_DIFFERENCE,
            ErrorKind.PULL_DIFFERENCE,
            ErrorKind.ADJOINT_F64,
            ErrorKind.SECOND_DIFFERENCE);

    private static final int SHOWN = 40;

    private final Facts facts;
    private final Repository repository;
    private final Formulas formulas = Formulas.read();
    private final PlainPage page;

    private AuditPage(Facts facts, Repository repository) {
        this.facts = facts;
        this.repository = repository;
        this.page = new PlainPage(
                facts.missed() == 0 ? "Audit" : "Audit: misses",
                "Canonica %s, audited %s"
                        .formatted(
                                facts.surroundings().getOrDefault("Canonica", ""),
                                facts.surroundings().getOrDefault("date", "")),
                Verdict.of(facts));
    }

    /**
     * Writes the page, with links to the sources where they are there.
     *
     * @param root the folder of the sources
     */
    public static void write(Facts facts, Path file, Path root) {
        of(facts, Repository.seenFrom(file, root)).write(file);
    }

    static PlainPage of(Facts facts, Repository repository) {
        AuditPage audit = new AuditPage(facts, repository);
        audit.page.paragraph(
                "What is open on this page is read in about ten minutes. Formulas, golden cases, primitives and digests are folded, to be opened where a line asks for them; on paper they are open.");
        audit.misses();
        audit.errors();
        audit.equations();
        audit.facts.model().ifPresent(audit::model);
        audit.golden();
        audit.primitives();
        audit.surroundings();
        audit.page
                .section(
                        "Signature",
                        "I have read the verdict, the equations and what holds them, and the errors above lie within what is allowed.")
                .signature(List.of("Name", "Position", "Place and date", "Signature"));
        return audit.page;
    }

    private void misses() {
        List<String> misses = facts.misses();
        if (misses.isEmpty()) {
            return;
        }
        page.section(
                "What misses",
                "%s: of what, where, how large, and what is allowed.".formatted(Numbers.count(misses.size(), "line")));
        page.notes(misses.stream()
                .limit(SHOWN)
                .map(m -> new Note(Note.Kind.FAILURE, m))
                .toList());
        if (misses.size() > SHOWN) {
            page.paragraph("%s more stand beside what they are of.".formatted(misses.size() - SHOWN));
        }
    }

    private void errors() {
        if (facts.primitives().isEmpty()) {
            return;
        }
        page.section(
                "The worst errors of all primitives",
                "Every error is relative, in the greatest norm; F64 marks the double-precision code itself, held to central differences and to identities. NaN counts as a miss.");
        List<List<String>> rows = facts.worst().stream()
                .map(c -> List.of(
                        c.kind().title(), number(c.error()), number(c.allowed()), c.name(), shortened(c.where())))
                .toList();
        page.table(List.of("error", "worst", "allowed", "of", "at"), rows);
    }

    private void equations() {
        Map<String, List<Equation>> groups = Equations.all().stream()
                .collect(Collectors.groupingBy(Equation::group, LinkedHashMap::new, Collectors.toList()));
        groups.forEach((group, equations) -> page.section("Equations: " + group, "")
                .entries(equations.stream().map(this::entry).toList(), "What its Javadoc says"));
    }

    private Entry entry(Equation e) {
        List<Piece> pieces = new ArrayList<>();
        formulas.equation(e.place()).forEach(b -> pieces.add(new Piece(b.text(), b.formula())));
        Link code = repository.link("code", e.place().file());
        List<Link> tests =
                e.tests().stream().map(t -> repository.link("test", t)).toList();
        if (!Now.isMeasured(e, facts)) {
            return new Entry(e.title(), pieces, List.of(code), Now.HELD, tests, false);
        }
        List<Link> links = Stream.concat(Stream.of(code), tests.stream()).toList();
        return new Entry(e.title(), pieces, links, Now.of(e, facts), Now.misses(e, facts));
    }

    private void model(Facts.Model model) {
        page.section(
                "The model",
                "%s (%s): the same layers and gradients in single and in double precision, at random inputs. Double precision is held to central differences."
                        .formatted(model.name(), model.digest()));
        List<ErrorKind> kinds = List.of(
                ErrorKind.VALUE,
                ErrorKind.PUSH,
                ErrorKind.PULL,
                ErrorKind.ADJOINT,
                ErrorKind.PUSH_DIFFERENCE,
                ErrorKind.PULL_DIFFERENCE,
                ErrorKind.ADJOINT_F64);
        List<String> head = new ArrayList<>(List.of("layer"));
        kinds.forEach(k -> head.add(k.title()));
        head.add("verdict");
        List<List<String>> rows = new ArrayList<>();
        for (CheckResult c : model.checks()) {
            List<String> row = new ArrayList<>(List.of(c.name()));
            kinds.forEach(k -> row.add(c.worst().containsKey(k) ? number(c.worst(k)) : "–"));
            row.add(c.passed() ? "✓" : "✗ misses");
            rows.add(row);
        }
        List<String> allowed = new ArrayList<>(List.of("allowed"));
        kinds.forEach(k -> allowed.add(number(Tolerance.MODEL.of(k))));
        allowed.add("gradients: " + number(ModelAudit.allowed(model.checks().getLast(), ErrorKind.PULL)));
        rows.add(allowed);
        page.table(head, rows);
        model.decomposition().ifPresent(this::decomposition);
        if (!model.failure().isEmpty()) {
            page.notes(List.of(new Note(Note.Kind.FAILURE, model.failure())));
        }
    }

    private void decomposition(Decomposition d) {
        page.section(
                "The certificate beside an exact decomposition",
                ("The Jacobian of %s by the latent (%s) of %s numbers, %s of its features: formed whole from pulls of unit vectors, and decomposed by Jacobi rotations in double precision. The method sees"
                                + " the same map by products alone: %s of them. Allowed are residuals of %s, and half of that for σ.")
                        .formatted(
                                d.layer(),
                                d.at(),
                                Numbers.plain(d.columns(), 0),
                                Numbers.plain(d.rows(), 0),
                                d.products(),
                                number(d.tolerance())));
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < d.found().length; i++) {
            rows.add(List.of(
                    Integer.toString(i + 1),
                    "%.6g".formatted(d.exact()[i]),
                    "%.6g".formatted(d.found()[i]),
                    number(d.error(i)),
                    number(d.residual()[i])));
        }
        page.table(List.of("i", "σ exact", "σ certified", "error", "residual"), rows);
        page.paragraph(
                "The %s within a sine of %s of the exact one (allowed, by the residuals and the gap: %s). The certificate's bound above what is left, %s, lies above the exact σ%s = %s. The exact decomposition multiplies to the matrix to %s."
                        .formatted(
                                d.leading() == 1
                                        ? "first direction lies"
                                        : "span of the first %s directions lies".formatted(d.leading()),
                                number(d.sine()),
                                number(d.sineAllowed()),
                                Numbers.format(d.bound()),
                                d.exact().length,
                                Numbers.format(d.exact()[d.exact().length - 1]),
                                number(d.rounding())));
    }

    private void golden() {
        if (facts.golden().isEmpty()) {
            page.section("Golden cases", "Inputs and results of reference implementations: none was run.");
            return;
        }
        page.section(
                "Golden cases",
                "Inputs, and what reference implementations made of them in double precision. Those of models, measures, losses and schedules were run now; the others are listed with the test that runs them.");
        Map<Entry, List<Cell>> rows = new LinkedHashMap<>();
        for (GoldenCase g : facts.golden()) {
            List<Piece> said = List.of(
                    new Piece(g.what(), false),
                    new Piece("Reference: " + g.reference(), false),
                    new Piece("Tolerance: " + g.tolerance(), false));
            List<Link> links =
                    List.of(repository.link("case", g.folder() + "/case.json"), repository.link("test", g.test()));
            rows.put(
                    new Entry(g.name(), said, links, "", g.misses()),
                    List.of(
                            Cell.of(g.run()
                                    .map(r -> Integer.toString(r.compared()))
                                    .orElse("–")),
                            Cell.of(g.run().map(r -> number(r.share())).orElse("–")),
                            Cell.of(g.run()
                                    .map(r -> r.holds() ? "✓" : "✗ misses")
                                    .orElse("listed only"))));
        }
        page.folded(
                Numbers.count(rows.size(), "case"),
                p -> p.ledger(List.of("arrays", "worst error / allowed", "verdict"), rows));
    }

    private void primitives() {
        if (facts.primitives().isEmpty()) {
            return;
        }
        page.section(
                "All primitives",
                "Formulas as the Javadoc above the code says: push (dy), pull (x̄, and u for what is pulled). Each is checked at all samples of its row in the table of checks, by every set of its inputs.");
        page.links(List.of(repository.link("the table's test", Primitive.TEST)));
        List<String> head = new ArrayList<>();
        KINDS.forEach(k -> head.add(k.title()));
        head.add("worst at");
        Map<Entry, List<Cell>> rows = new LinkedHashMap<>();
        for (Primitive p : facts.primitives()) {
            CheckResult r = p.result();
            List<Cell> cells = new ArrayList<>();
            KINDS.forEach(k -> cells.add(Cell.of(r.worst().containsKey(k) ? number(r.worst(k)) : "–")));
            cells.add(Cell.of(
                    (r.passed() ? "" : "✗ misses: ") + shortened(p.worst().where())));
            rows.put(
                    new Entry(
                            r.name(),
                            List.of(new Piece(p.formula(), true)),
                            List.of(repository.link("code", p.place().file())),
                            "",
                            !r.passed()),
                    cells);
        }
        page.folded(Numbers.count(rows.size(), "primitive"), p -> p.ledger(head, rows));
    }

    private void surroundings() {
        Map<String, String> pairs = new LinkedHashMap<>(facts.surroundings());
        pairs.put("digest of the code", facts.code().all());
        page.section("What ran, and where", "").pairs(pairs);
        page.section(
                "The code that ran",
                "SHA-256 of each jar or folder of classes; the digest of the code is that of these lines, sorted by name: sha256sum of the jars alone gives the same.");
        List<List<String>> parts = facts.code().parts().stream()
                .map(p -> List.of(p.name(), p.sha256()))
                .toList();
        page.folded(Numbers.count(parts.size(), "digest"), p -> p.table(List.of("jar or folder", "SHA-256"), parts));
        page.section("How to repeat it", "").command(facts.command());
    }

    /** One digit behind the point: errors are orders of magnitude. No line breaks in it. */
    static String number(double error) {
        return error == 0
                ? "0"
                : Double.isNaN(error) ? "NaN" : Numbers.scientific(error).replace(' ', '\u00a0');
    }

    private static String shortened(String where) {
        return where.length() <= 2 * SHOWN ? where : where.substring(0, 2 * SHOWN) + " …";
    }
}
