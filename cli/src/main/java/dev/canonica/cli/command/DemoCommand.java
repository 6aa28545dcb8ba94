package dev.canonica.cli.command;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.clarid.Replacement;
import dev.canonica.clarid.report.data.Table;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.Subject;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Columns;
import dev.canonica.cli.terminal.Home;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica demo}. */
@Command(
        name = "demo",
        description = {
            "The main job on what the repository ships: real images and a diffusion model that this project trained.",
            "Writes canonical samples, an HTML report, a contact sheet and the numbers."
        })
public final class DemoCommand implements Callable<Integer> {
    // Found by a sweep on other images: docs/model.md
    private static final String LAYER = "blocks.2";
    private static final double TE = 0.48;
    private static final int STEPS = 50;
    private static final int RANK = 5;
    private static final KChoice CHOICE = new KChoice(1);
    private static final double TR = 0.1;
    private static final int EXPLORED = 1;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "canonica-demo",
            description = "the folder of the results (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("canonica-demo");

    @Option(names = "--limit", paramLabel = "N", description = "the first N images alone", defaultValue = "30")
    @Within(min = 1)
    private int limit;

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    DemoCommand() {}

    @Override
    public Integer call() {
        devices.require();
        Path model = Home.model();
        Sampler sampler =
                ModelDirectory.sampler(model).orElse(SamplerConfig.COSINE_V).sampler(STEPS);
        try (ImageSet set = DataSets.open(Home.images().toString())) {
            int count = Math.min(limit, set.size());
            Subject subject = Subject.of(model, set, DType.F32);
            CanonicalExtraction method = new CanonicalExtraction(
                    subject.model(),
                    sampler,
                    sampler.at(TE),
                    DdimSampler.Inversion.GUIDED,
                    LAYER,
                    new RandomizedSvd(RANK, 2, 40, 1e-3, 2, 0));
            CanonicalPipeline pipeline = new CanonicalPipeline(
                    method,
                    new Projection.TopK(),
                    Replacement.NOTHING,
                    CHOICE,
                    Guidance.NONE,
                    Optional.of(CanonicalPipeline.FeaturePoint.of(LAYER, sampler, TR, TE)));
            ExtractionRun run = new ExtractionRun(subject, set, out, pipeline, count, "./canonica demo");
            run.run("CLARID on scenes", count, count, EXPLORED)
                    .ifPresent(data -> data.tables()
                            .forEach(table -> print(spec.commandLine().getOut(), table)));
        }
        return 0;
    }

    private static void print(PrintWriter out, Table table) {
        out.println(table.title());
        Columns columns = new Columns();
        columns.row(Stream.concat(Stream.of(""), table.columns().stream()).toArray(String[]::new));
        for (Table.Row row : table.rows()) {
            columns.row(
                    Stream.concat(Stream.of(row.name()), row.values().stream().map(DemoCommand::number))
                            .toArray(String[]::new));
        }
        columns.print(out, "  ", 1);
        out.println();
        out.flush();
    }

    private static String number(double v) {
        return Double.isNaN(v) ? "–" : String.format(Locale.ROOT, "%.3f", v);
    }
}
