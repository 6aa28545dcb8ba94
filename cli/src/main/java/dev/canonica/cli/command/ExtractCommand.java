package dev.canonica.cli.command;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.FeatureWay;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.study.ExtractionSettings;
import dev.canonica.cli.option.ClusterOptions;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenImages;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.MethodDefaults;
import dev.canonica.cli.option.Precision;
import dev.canonica.cli.option.ProductOptions;
import dev.canonica.cli.option.ProjectionOptions;
import dev.canonica.cli.option.PromptOptions;
import dev.canonica.cli.option.Removal;
import dev.canonica.cli.option.SamplerOptions;
import dev.canonica.cli.option.Sets;
import dev.canonica.cli.option.ShardOption;
import dev.canonica.cli.option.Subject;
import dev.canonica.cli.option.SvdOptions;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.VaeOption;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.diffusion.Sampler;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code canonica extract}. */
@Command(
        name = "extract",
        description = {
            "CLAReps, canonical samples and canonical features of a set of images, with a report on the first of them.",
            "The same command goes on where it was stopped."
        })
public final class ExtractCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description = "a diffusion model: its folder, or that of a diffusers pipeline")
    private Path model = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "SET",
            required = true,
            description = "a data set (see canonica data), folder, zip or IDX file; SET?side=N crops and resizes")
    private String data = "";

    @Option(names = "--data-dir", paramLabel = "DIR", description = "where data sets are looked for first")
    private @Nullable Path dataDir;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the folder of the results")
    private Path out = Path.of("");

    @Option(
            names = "--layer",
            paramLabel = "LAYER",
            description =
                    "whose features are differentiated, such as blocks.2 (default: that of the model's clarid.json; needed without one)")
    private @Nullable String layer;

    @Option(
            names = "--rank",
            paramLabel = "N",
            defaultValue = "10",
            description = "directions to compute (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int rank;

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "32",
            description = "images at a time (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int batch;

    @Option(
            names = "--report",
            paramLabel = "N",
            defaultValue = "24",
            description =
                    "images in the report; 0 for none; that of shards is made by canonica merge (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private int report;

    @Option(
            names = "--explore",
            paramLabel = "N",
            defaultValue = "2",
            description =
                    "of each image in the report, the first N directions along which its latent is moved and decoded, to see what they do (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private int explore;

    @Option(
            names = "--tr",
            paramLabel = "FRACTION",
            defaultValue = "0.1",
            description = "t_r, where features are taken (default: ${DEFAULT-VALUE})")
    @Within(min = 0, max = 1)
    private double tr;

    @Option(
            names = "--feature-layer",
            paramLabel = "LAYER",
            description = "whose features are kept (default: that of --layer)")
    private @Nullable String featureLayer;

    @Option(
            names = "--feature-way",
            paramLabel = "WAY",
            defaultValue = "decoding",
            description =
                    "the latents at t_r of canonical samples: those passed in decoding, or the samples noised or inverted: decoding, noised, inverted (default: ${DEFAULT-VALUE})")
    private String featureWay = "decoding";

    @Option(
            names = "--dtype",
            paramLabel = "f32|f64",
            defaultValue = "f32",
            description = "working type (default: ${DEFAULT-VALUE})")
    private Precision dtype = Precision.F32;

    @Mixin
    private VaeOption vae = new VaeOption();

    @Option(
            names = "--class-ids",
            paramLabel = "LIST",
            description = "the model's number of each class of the set, where neither names nor numbers tell: 207,88,…")
    private @Nullable String classIds;

    @Mixin
    private ProjectionOptions projections = new ProjectionOptions();

    @Mixin
    private GivenImages images = new GivenImages();

    @Mixin
    private PromptOptions prompts = new PromptOptions();

    @Mixin
    private SamplerOptions sampler = new SamplerOptions();

    @Mixin
    private SvdOptions svd = new SvdOptions();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Mixin
    private ShardOption shards = new ShardOption();

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private ProductOptions products = new ProductOptions();

    @Mixin
    private Devices devices = new Devices();

    ExtractCommand() {}

    /**
     * The options of a command line that was run.
     *
     * @param words of it
     */
    private static ExtractCommand parsed(List<String> words) {
        ExtractCommand command = new ExtractCommand();
        new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUnmatchedArgumentsAllowed(true) // those of all commands
                .parseArgs(words.toArray(String[]::new));
        return command;
    }

    /** Whether a command line that was run, but that of a shard, makes a report. */
    static boolean reports(List<String> words) {
        return parsed(words).report > 0;
    }

    @Override
    public Integer call() {
        GivenOptions given = GivenOptions.of(spec);
        sampler.checkNames();
        prompts.checkNames();
        products.check(given, dtype.dtype());
        Misuse.unlessOneOf("--feature-way", featureWay, FeatureWay.NAMES);
        MethodDefaults own = own(model);
        layer(own);
        double te = own.te();
        projections.check(given);
        if (report == 0) {
            given.refuse("there is no report", "--explore");
        }
        projections.refuseBlocks(given, "--rank", "--oversample");
        projections.choice(rank);
        if (tr > te && given.has("--tr")) {
            throw new Misuse("--tr: %s; at most t_e is needed, which is %s".formatted(tr, te));
        }
        if (cluster.isGiven()) {
            cluster(given, own);
            return 0;
        }
        cluster.refuse(given);
        devices.require();
        try (ImageSet all = Sets.open(data, dataDir)) {
            ImageSet readable = images.readable(all);
            Subject subject = Subject.of(model, vae.folder(), readable, classIds, prompts, dtype.dtype());
            sampler.checkGuidance(subject.model(), subject.conditions().of(0));
            ImageSet set = images.fitted(readable, subject);
            checkRank(subject, set);
            CanonicalPipeline pipeline = pipeline(own, model, subject);
            ExtractionRun run = new ExtractionRun(subject, set, out, pipeline, batch, given.anywhere(own.taken(layer)));
            run.run("Canonical samples", set.size(), report, explore, shards.shard(), given.words(), images::list);
        }
        return 0;
    }

    private MethodDefaults own(Path folder) {
        GivenOptions given = GivenOptions.of(spec);
        return MethodDefaults.of(folder, given, ProjectionOptions.counted(given), sampler, projections);
    }

    private String layer(MethodDefaults own) {
        return own.layer(layer)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "Missing required option: '--layer=LAYER', such as --layer blocks.2"));
    }

    private void checkRank(Subject subject, ImageSet set) {
        long numbers = subject.codec().latentShape(set.shape()).size();
        if (rank > numbers) {
            throw new Misuse("--rank: %d; at most %d is needed, the numbers of a latent".formatted(rank, numbers));
        }
    }

    private CanonicalPipeline pipeline(MethodDefaults own, Path folder, Subject subject) {
        String layer = layer(own);
        double te = own.te();
        Sampler levels = sampler.sampler(folder, subject.model());
        Projection how = projections.projection(subject.model(), svd.seed());
        Removal.check(how, levels.at(te));
        projections.checkModel(how, subject.model(), subject.conditions().of(0));
        CanonicalExtraction method = new CanonicalExtraction(
                subject.model(), levels, levels.at(te), sampler.inversion(), layer, svd.svd(rank, 2));
        return new CanonicalPipeline(
                method,
                how,
                projections.replacement(),
                projections.choice(rank),
                sampler.guidance(subject.model()),
                Optional.of(features(featureLayer == null ? layer : featureLayer, levels, te)));
    }

    private CanonicalPipeline.FeaturePoint features(String of, Sampler levels, double te) {
        FeatureWay way = FeatureWay.of(featureWay);
        CanonicalPipeline.FeaturePoint point =
                CanonicalPipeline.FeaturePoint.of(of, levels, tr, te).by(way);
        if (way != FeatureWay.DECODING && levels.signal(point.level()) == 1) { // of a flow
            throw new Misuse(
                    "--feature-way: has no effect here: t_r is level 0, where the latent is the sample itself by any way");
        }
        return point;
    }

    /**
     * The settings of a command of these words with the model in a folder, for images that come with their classes' numbers.
     *
     * @param words of a command line that was run
     */
    static ExtractionSettings settings(List<String> words, Path folder) {
        ExtractCommand command = parsed(words);
        Subject subject = Subject.ofClasses(folder, command.dtype.dtype());
        return ExtractionRun.settings(subject, command.pipeline(command.own(folder), folder, subject), command.batch);
    }

    private void cluster(GivenOptions given, MethodDefaults own) {
        given.refuse("--spark divides the images itself", ShardOption.NAME);
        given.refuse("with --spark an image that cannot be read is a row with its error", "--skip-bad");
        given.refuse("with --spark executors have the processors that they were given", "--threads", "--device");
        given.refuse("with --spark the model is one folder: a pipeline's", "--vae");
        given.refuse("with --spark products are in F32", "--precision");
        if (report > 0) {
            given.refuse("with --spark there is no report", "--report", "--explore");
        }
        try (ImageSet all = Sets.open(data, dataDir)) {
            ImageSet asked = images.asked(all);
            Subject.refuseTexts(model);
            Subject subject = Subject.of(model, null, asked, classIds, prompts, dtype.dtype());
            sampler.checkGuidance(subject.model(), subject.conditions().of(0));
            ImageSet set = images.fitted(asked, subject);
            checkRank(subject, set);
            ExtractionSettings settings = ExtractionRun.settings(subject, pipeline(own, model, subject), batch);
            new ClusterRun(cluster, settings, model, set, data, out, given.words()).run();
        }
    }
}
