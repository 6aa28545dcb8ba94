package dev.canonica.cli.command;

import dev.canonica.autodiff.check.AuditTable;
import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.table.PrimitiveAudit;
import dev.canonica.autodiff.check.table.PrimitiveTable;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.terminal.Home;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.models.family.ModelDirectory;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
            "Columns with F64 hold the double-precision code itself, to central differences. Exits 1 on a miss, and names it."
        })
public final class AuditCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "audit this model (default: the model that is shipped, where it is there)")
    private @Nullable Path model;

    @Option(names = "--no-primitives", description = "audit the model alone")
    private boolean modelOnly;

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    AuditCommand() {}

    @Override
    public Integer call() {
        Path dir = model != null ? model : Home.model();
        boolean there = Files.exists(dir.resolve(ModelDirectory.CONFIG));
        if (!there && modelOnly && model == null) {
            throw new Misuse("--no-primitives: there is no model to audit beside them; --model names one");
        }
        devices.require();
        ModelAudit ofModel =
                model != null || there ? new ModelAudit(dir) : null; // refused before the others take their time
        PrintWriter out = spec.commandLine().getOut();
        List<CheckResult> all = new ArrayList<>();
        if (!modelOnly) {
            int rows = PrimitiveTable.rows().size();
            try (Progress progress = Progress.start("primitives", 0, rows, "rows")) {
                all.addAll(PrimitiveAudit.run(new Counter(progress)::done));
            }
            out.print(AuditTable.format(all));
        }
        if (ofModel != null) {
            List<CheckResult> found;
            try (Progress progress = Progress.start("model", 0, 3, "checks")) {
                found = ofModel.run(new Counter(progress)::done);
            }
            out.println();
            out.println(dir);
            out.print(AuditTable.format(found));
            all.addAll(found);
        }
        long missed = all.stream().filter(r -> !r.passed()).count();
        out.println();
        out.println(
                missed == 0
                        ? "all " + all.size() + " checks hold"
                        : missed + " of " + all.size() + " checks miss their tolerance");
        out.flush();
        return missed == 0 ? 0 : 1;
    }

    /** Counts results for a progress bar. */
    private static final class Counter {
        private final Progress progress;
        private int count;

        Counter(Progress progress) {
            this.progress = progress;
        }

        void done(CheckResult result) {
            progress.at(++count, result.name());
        }
    }
}
