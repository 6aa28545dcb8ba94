package dev.canonica.cli.command;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.OwnSetting;
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
import dev.canonica.models.ModelException;
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
    private static final int STEPS = 20; // as the experiments that the setting was measured by
    private static final int RANK = 5;
    private static final double TR = 0.1;
    private static final int EXPLORED = 1;

    /** The folder, below that of the results, of what the paper's projection makes of the same images. */
    private static final String PAPER = "topk";

    /** What repeats it. */
    private static final String COMMAND = "./canonica demo";

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
            OwnSetting own = OwnSetting.of(model);
            String layer = own.layer().orElseThrow(() -> missing(model, "layer"));
            double te = own.te().orElseThrow(() -> missing(model, "te"));
            CanonicalExtraction method = new CanonicalExtraction(
                    subject.model(),
                    sampler,
                    sampler.at(te),
                    DdimSampler.Inversion.GUIDED,
                    layer,
                    new RandomizedSvd(RANK, 2, 40, 1e-3, 2, 0));
            CanonicalPipeline.FeaturePoint features = CanonicalPipeline.FeaturePoint.of(layer, sampler, TR, te);
            CanonicalPipeline chosen = pipeline(
                    method,
                    own.projection()
                            .orElseThrow(() -> missing(model, "projection"))
                            .fitting(subject.model()),
                    own.replacement(),
                    features);
            ExtractionRun run = new ExtractionRun(subject, set, out, chosen, count, COMMAND);
            ExtractionRun paper = new ExtractionRun(
                    subject,
                    set,
                    out.resolve(PAPER),
                    pipeline(method, new Projection.TopK(), Replacement.NOTHING, features),
                    count,
                    COMMAND);
            run.run("CLARID on scenes", count, EXPLORED, paper)
                    .tables()
                    .forEach(table -> print(spec.commandLine().getOut(), table));
        }
        return 0;
    }

    private static ModelException missing(Path model, String key) {
        return new ModelException(model.resolve(OwnSetting.FILE) + ": " + key + " is missing");
    }

    private static CanonicalPipeline pipeline(
            CanonicalExtraction method,
            Projection projection,
            Replacement replacement,
            CanonicalPipeline.FeaturePoint features) {
        return new CanonicalPipeline(
                method,
                projection,
                replacement,
                projection.counts() ? new KChoice(1) : KChoice.ADAPTIVE,
                Guidance.NONE,
                Optional.of(features));
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
