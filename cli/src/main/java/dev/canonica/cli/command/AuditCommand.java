package dev.canonica.cli.command;

import dev.canonica.autodiff.check.Row;
import dev.canonica.autodiff.check.table.PrimitiveTable;
import dev.canonica.cli.audit.Audit;
import dev.canonica.cli.audit.AuditJson;
import dev.canonica.cli.audit.AuditPage;
import dev.canonica.cli.audit.Facts;
import dev.canonica.cli.audit.ModelAudit;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.OutputFile;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.terminal.Home;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.family.ModelDirectory;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica audit}: all derivatives against double precision. */
@Command(
        name = "audit",
        description = {
            "Holds every primitive and a model to double precision: errors of value, push (J v), pull (transposed J u) and adjoint identity.",
            "Columns with F64 hold the double-precision code itself, to central differences. Exits 1 on a miss, and names it.",
            "--report and --json also check the losses, run the golden cases, and hold the model's certified singular values to an exact decomposition."
        })
public final class AuditCommand implements Callable<Integer> {
    private static final String REPORT = "--report";
    private static final String NO_GOLDEN = "--no-golden";

    private final Supplier<List<Row>> rows;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "audit this model (default: the model that is shipped, where it is there)")
    private @Nullable Path model;

    @Option(names = "--no-primitives", description = "leave the primitives out")
    private boolean modelOnly;

    @Option(names = NO_GOLDEN, description = "leave the golden cases out, of --report and --json")
    private boolean noGolden;

    @Option(
            names = REPORT,
            paramLabel = "FILE.html",
            description =
                    "write one page to sign: the verdict, equations, formulas, errors, golden cases, what ran where")
    private @Nullable Path report;

    @Option(names = "--json", description = "print the same as one JSON object, in place of the table")
    private boolean json;

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    AuditCommand() {
        this.rows = PrimitiveTable::rows; // made where they are checked: every command line has this command
    }

    /** Of other primitives. */
    AuditCommand(List<Row> rows) {
        this.rows = () -> rows;
    }

    @Override
    public Integer call() {
        Path dir = model != null ? model : Home.model();
        boolean there = Files.exists(dir.resolve(ModelDirectory.CONFIG));
        if (!there && modelOnly && model == null) {
            throw new Misuse("--no-primitives: there is no model to audit beside them; --model names one");
        }
        boolean document = report != null || json;
        Path golden = Home.resolve("golden");
        if (!document || !Files.isDirectory(golden)) {
            String why = document ? "there are no golden cases here" : "they are run for --report and --json alone";
            GivenOptions.of(spec).refuse(why, NO_GOLDEN);
        }
        if (report != null) {
            OutputFile.requireWritable(report);
        }
        devices.require();
        Optional<Path> ofModel = model != null || there ? Optional.of(dir) : Optional.empty();
        PrintWriter out = spec.commandLine().getOut();
        Audit audit = new Audit(
                modelOnly ? List.of() : rows.get(),
                ofModel.map(ModelAudit::new)); // refused before the others take their time
        if (document) {
            audit = audit.whole(Home.images());
            if (!noGolden && Files.isDirectory(golden)) {
                MergeCommand.Commands commands =
                        (MergeCommand.Commands) spec.root().userObject();
                audit = audit.withGolden(golden, commands::execute);
            }
        }
        if (!json) {
            audit = audit.telling(out);
        }
        Facts facts = audit.run(GivenOptions.of(spec).line());
        if (report != null) {
            AuditPage.write(facts, report, Home.resolve(""));
        }
        if (json) {
            out.println(AuditJson.of(facts));
        } else {
            out.println();
            out.println(
                    facts.missed() == 0
                            ? "all " + facts.checks() + " checks hold"
                            : facts.missed() + " of " + facts.checks() + " checks miss their tolerance");
        }
        out.flush();
        return facts.missed() == 0 ? 0 : 1;
    }
}
