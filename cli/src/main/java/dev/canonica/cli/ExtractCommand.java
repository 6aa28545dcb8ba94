package dev.canonica.cli;

import dev.canonica.clarid.study.KChoice;
import dev.canonica.data.DataSets;
import dev.canonica.data.ImageSet;
import dev.canonica.models.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code canonica extract}. */
@Command(
        name = "extract",
        description = {
            "CLAReps, canonical samples and canonical features of a set of images, with a report on the first of them.",
            "The same command goes on where it was stopped."
        })
final class ExtractCommand implements Callable<Integer> {
    @Option(names = "--model", paramLabel = "DIR", required = true, description = "a class-conditional diffusion model")
    private Path model = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "SET",
            required = true,
            description = "a data set (see canonica data), folder, zip or IDX file")
    private String data = "";

    @Option(names = "--data-dir", paramLabel = "DIR", description = "where data sets are looked for first")
    private @Nullable Path dataDir;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the folder of the results")
    private Path out = Path.of("");

    @Option(
            names = "--layer",
            paramLabel = "LAYER",
            required = true,
            description = "whose features are differentiated, such as blocks.2")
    private String layer = "";

    @Option(
            names = "--rank",
            paramLabel = "N",
            defaultValue = "10",
            description = "directions to compute (default: ${DEFAULT-VALUE})")
    private int rank;

    @Option(
            names = "--k",
            paramLabel = "adaptive|INT",
            defaultValue = "adaptive",
            description = "directions to remove (default: ${DEFAULT-VALUE})")
    private String k = "adaptive";

    @Option(names = "--limit", paramLabel = "N", description = "the first N images alone")
    private @Nullable Integer limit;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "32",
            description = "images at a time (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(
            names = "--report",
            paramLabel = "N",
            defaultValue = "24",
            description = "images in the report; 0 for none (default: ${DEFAULT-VALUE})")
    private int report;

    @Option(
            names = "--tr",
            paramLabel = "FRACTION",
            defaultValue = "0.1",
            description = "t_r, where features are taken (default: ${DEFAULT-VALUE})")
    private double tr;

    @Option(
            names = "--feature-layer",
            paramLabel = "LAYER",
            description = "whose features are kept (default: that of --layer)")
    private @Nullable String featureLayer;

    @Option(
            names = "--dtype",
            paramLabel = "f32|f64",
            defaultValue = "f32",
            description = "working type (default: ${DEFAULT-VALUE})")
    private Precision dtype = Precision.F32;

    @Mixin
    private SamplerOptions sampler = new SamplerOptions();

    @Mixin
    private SvdOptions svd = new SvdOptions();

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    ExtractCommand() {}

    @Override
    public Integer call() throws IOException {
        threads.apply();
        devices.apply();
        String command =
                "./canonica extract --model %s --data %s --out %s --layer %s --rank %d --k %s --te %s --seed %d"
                        .formatted(model, data, out, layer, rank, k, sampler.te(0.8), svd.seed());
        try (ImageSet set = DataSets.open(data, DataSets.roots(dataDir))) {
            int count = limit == null ? set.size() : Math.min(limit, set.size());
            ExtractionRun run = new ExtractionRun(
                    model,
                    set,
                    out,
                    sampler.sampler(model),
                    sampler.te(0.8),
                    sampler.inversion(),
                    layer,
                    svd.svd(rank, 2),
                    choice(k, rank),
                    tr,
                    featureLayer == null ? layer : featureLayer,
                    dtype.dtype(),
                    batch,
                    command);
            run.extract(count);
            if (report > 0) {
                run.report("Canonical samples", count, Math.min(report, count));
            }
        }
        return 0;
    }

    static KChoice choice(String k, int rank) {
        if (k.equals("adaptive")) {
            return KChoice.ADAPTIVE;
        }
        try {
            int n = Integer.parseInt(k);
            if (n >= 1 && n <= rank) {
                return new KChoice(n);
            }
        } catch (NumberFormatException e) {
            // the message below says what is needed
        }
        throw new ModelException("--k: '" + k + "' is neither 'adaptive' nor a number from 1 to " + rank);
    }
}
