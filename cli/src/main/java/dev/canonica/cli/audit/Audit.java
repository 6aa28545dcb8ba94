package dev.canonica.cli.audit;

import dev.canonica.autodiff.check.AuditTable;
import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.PrimitiveCheck;
import dev.canonica.autodiff.check.Row;
import dev.canonica.cadistill.loss.LossRows;
import dev.canonica.cli.terminal.Home;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.models.family.ModelDigest;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** What an audit does, step by step. */
public final class Audit {
    private final List<Row> rows;
    private final Optional<ModelAudit> model;
    private Optional<Path> images = Optional.empty();
    private Optional<GoldenCases> golden = Optional.empty();
    private PrintWriter out = new PrintWriter(Writer.nullWriter());

    /** Of primitives and a model. */
    public Audit(List<Row> rows, Optional<ModelAudit> model) {
        this.rows = rows;
        this.model = model;
    }

    /** The commands of this program, for the golden cases. */
    @FunctionalInterface
    public interface Commands {
        /** Runs a command line, {@code words} without the program's name, which prints to these; gives its exit code. */
        int execute(PrintWriter out, PrintWriter err, List<String> words);
    }

    /** Checks losses and equations at known cases, too, and holds the model's certified triples to an exact decomposition, at the first of these images. */
    public Audit whole(Path of) {
        images = Optional.of(of);
        return this;
    }

    /** Runs the golden cases of a folder, too. */
    public Audit withGolden(Path folder, Commands commands) {
        golden = Optional.of(new GoldenCases(folder, commands));
        return this;
    }

    /** Prints the tables of primitives and of the model as they come. */
    public Audit telling(PrintWriter to) {
        out = to;
        return this;
    }

    /**
     * Runs it.
     *
     * @param command that makes it again
     */
    public Facts run(String command) {
        List<Primitive> primitives = primitives();
        List<Primitive> losses = images.isPresent() && !rows.isEmpty() ? losses() : List.of();
        List<KnownCase> known = images.isPresent() ? KnownCases.all() : List.of();
        Optional<Facts.Model> ofModel = model.map(this::model);
        List<GoldenCase> cases = golden.map(Audit::golden).orElse(List.of());
        Map<String, String> surroundings = Surroundings.here();
        surroundings.put("seeds", "fixed: a row's is the hash of its name, the model's 1 to 3");
        ofModel.ifPresent(m -> surroundings.put("model", m.name() + ", " + m.digest()));
        return new Facts(primitives, losses, known, ofModel, cases, surroundings, CodeDigest.ofThisProcess(), command);
    }

    private List<Primitive> primitives() {
        if (rows.isEmpty()) {
            return List.of();
        }
        List<Primitive> all = checked("primitives", rows, (row, f) -> Primitive.of(row, PrimitiveCheck.check(row), f));
        out.print(AuditTable.format(all.stream().map(Primitive::result).toList()));
        return all;
    }

    private static List<Primitive> losses() {
        return checked("losses", LossRows.rows(), (row, f) -> Primitive.ofLoss(row, PrimitiveCheck.checkFirst(row), f));
    }

    private static List<Primitive> checked(String what, List<Row> rows, BiFunction<Row, Formulas, Primitive> check) {
        Formulas formulas = Formulas.read();
        List<Primitive> all = new ArrayList<>();
        try (Progress progress = Progress.start(what, 0, rows.size(), "rows")) {
            for (Row row : rows) {
                all.add(check.apply(row, formulas));
                progress.at(all.size(), row.name());
            }
        }
        return all;
    }

    private Facts.Model model(ModelAudit audit) {
        List<CheckResult> found = new ArrayList<>();
        try (Progress progress = Progress.start("model", 0, ModelAudit.CHECKS, "checks")) {
            audit.run(result -> {
                found.add(result);
                progress.at(found.size(), result.name());
            });
        }
        out.println();
        out.println(audit.dir());
        out.print(AuditTable.format(found));
        Optional<Decomposition> decomposition = Optional.empty();
        String failure = "";
        if (images.isPresent()) {
            try (Progress _ = Progress.start("decomposition", 0, 1, "matrices")) {
                decomposition = Optional.of(audit.decompose(images.get()));
            } catch (RuntimeException e) { // a miss of the model, which the page says
                failure = "no decomposition: " + e.getMessage();
            }
        }
        return new Facts.Model(Home.name(audit.dir()), ModelDigest.of(audit.dir()), found, decomposition, failure);
    }

    private static List<GoldenCase> golden(GoldenCases cases) {
        try (Progress progress = Progress.start("golden cases", 0, cases.count(), "cases")) {
            int[] done = {0};
            return cases.run(c -> progress.at(++done[0], c.name()));
        }
    }
}
