package dev.canonica.cli.command;

import dev.canonica.cli.option.DecayOptions;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Sets;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.run.FolderLock;
import dev.canonica.data.set.ImageSet;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.Decay;
import dev.canonica.learning.Trainer;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.training.DiffusionRun;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.TrainingData;
import dev.canonica.models.training.TrainingSettings;
import dev.canonica.models.training.Validation;
import dev.canonica.models.unet.Unet2d;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica train}. */
@Command(
        name = "train",
        description = {
            "Trains a class-conditional diffusion model (DiT or U-Net) on labelled images.",
            "Writes config.json, scheduler_config.json and model.safetensors (the moving average of the parameters) to --out, and"
                    + " there also loss.csv and the state to resume from: the same command goes on where it was stopped, with the same bits.",
            "Measures the loss on images that it does not learn from, each with one timestep and one noise that stay the same: best/ is"
                    + " the model whose measured loss was least, last/ the newest, which is that of --out; metrics.csv has a row a"
                    + " measurement, report.html the curves, samples and where the time goes, results.json the numbers.",
            "A training goes on under the settings that it was begun with, or not at all; --data is the same if its images and labels"
                    + " are, wherever they lie. --save-every, --threads, --weights and --data-dir may change. So may --images, to go"
                    + " further: the learning rate then follows the cosine of the new number from there on; and --device, which"
                    + " rounds otherwise. Both are said when they do."
        })
public final class TrainCommand implements Callable<Integer> {
    private static final int SIDE = 64; // for an example
    private static final String UNET = "unet";
    private static final long MOST_STEPS = 1_000; // between two measurements, where nothing is said

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "SET",
            required = true,
            description = "a data set (see canonica data), folder, zip or IDX file")
    private String data = "";

    @Option(names = "--data-dir", paramLabel = "DIR", description = "where data sets are looked for first")
    private @Nullable Path dataDir;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the model's folder")
    private Path out = Path.of("");

    @Option(
            names = "--from",
            paramLabel = "DIR",
            description =
                    "a DiT or UNet2DModel to go on from, instead of random weights; it gives the architecture too")
    private @Nullable Path from;

    @Option(
            names = "--model",
            paramLabel = "NAME|FILE",
            description =
                    "a published size, DiT-{S,B,L,XL}/{2,4,8}; unet, a small U-Net of 64, 128 and 128 channels; or the config.json of a DiT or UNet2DModel;"
                            + " instead of --patch-size, --hidden-size, --depth and --heads")
    private @Nullable String preset;

    @Option(names = "--patch-size", defaultValue = "4", description = "side of a patch (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int patch;

    @Option(names = "--hidden-size", defaultValue = "192", description = "width of a token (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int hidden;

    @Option(names = "--depth", defaultValue = "5", description = "blocks (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int depth;

    @Option(names = "--heads", defaultValue = "3", description = "heads of attention (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int heads;

    @Option(
            names = "--images",
            defaultValue = "1000000",
            description = "images to train on, epochs counted again (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private long images;

    @Option(names = "--batch", defaultValue = "64", description = "images in a step (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int batch;

    @Option(names = "--rate", defaultValue = "5e-4", description = "learning rate (default: ${DEFAULT-VALUE})")
    @Within(above = 0)
    private double rate;

    @Option(
            names = "--final-rate",
            defaultValue = "5e-5",
            description = "learning rate at the end of the cosine (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double finalRate;

    @Option(
            names = "--warmup",
            defaultValue = "200",
            description = "steps until the learning rate is reached (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private int warmup;

    @Option(names = "--weight-decay", defaultValue = "0.01", description = "of AdamW (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double decay;

    @Option(
            names = "--clip",
            defaultValue = "1",
            description = "greatest norm of the gradient (default: ${DEFAULT-VALUE})")
    @Within(above = 0)
    private double clip;

    @Option(
            names = "--ema-decay",
            defaultValue = "0.9995",
            description = "of the moving average (default: ${DEFAULT-VALUE})")
    @Within(min = 0, below = 1)
    private double emaDecay;

    @Option(
            names = "--label-dropout",
            defaultValue = "0.1",
            description =
                    "share of labels dropped; with 0 the model has no class that stands for none, which guidance needs"
                            + " (default: ${DEFAULT-VALUE})")
    @Within(min = 0, max = 1)
    private double dropout;

    @Mixin
    private DecayOptions falling;

    @Option(
            names = "--validation",
            paramLabel = "SET",
            description =
                    "what the loss is measured on, at most its first thousand images, instead of images of --data that are held out")
    private @Nullable String validation;

    @Option(
            names = "--hold-out",
            paramLabel = "SHARE",
            defaultValue = "0.05",
            description =
                    "the share of --data that is not learned from but measured on, at most 1000 images and so many that a batch is left; where that is none, it is measured on"
                            + " images that are learned from (default: ${DEFAULT-VALUE})")
    @Within(min = 0, below = 1)
    private double holdOut;

    @Option(
            names = "--evaluate-every",
            paramLabel = "STEPS",
            description = "steps between two measurements (default: an epoch, at most 1000)")
    @Within(min = 1)
    private @Nullable Long evaluateEvery;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "measurements without a lower loss after which the training ends; 0 for none (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private int patience;

    @Option(names = "--flip", description = "mirror images at random")
    private boolean flip;

    @Option(
            names = "--schedule",
            defaultValue = "squaredcos_cap_v2",
            description = "linear, scaled_linear, squaredcos_cap_v2 or sigmoid (default: ${DEFAULT-VALUE})")
    private String schedule = "";

    @Option(
            names = "--prediction",
            defaultValue = "v_prediction",
            description = "epsilon, v_prediction or sample (default: ${DEFAULT-VALUE})")
    private String prediction = "";

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of everything random (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--save-every",
            defaultValue = "120",
            paramLabel = "SECONDS",
            description = "how often the state is saved (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private long saveEvery;

    @Option(
            names = "--weights",
            paramLabel = "f32|f16",
            defaultValue = "f32",
            description = "type of the saved weights; f16 halves the file (default: ${DEFAULT-VALUE})")
    private String weights = "f32";

    @Option(names = "--tensorboard", description = "write event files for TensorBoard, to tensorboard/ in --out")
    private boolean tensorboard;

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    TrainCommand() {}

    @Override
    public Integer call() throws IOException {
        GivenOptions given = GivenOptions.of(spec);
        weightsType(); // refused now, not after hours
        if (from != null) {
            given.refuse(
                    "--from gives the architecture", "--model", "--patch-size", "--hidden-size", "--depth", "--heads");
        }
        if (preset != null) {
            given.refuse("--model gives it", "--patch-size", "--hidden-size", "--depth", "--heads");
        }
        if (validation != null) {
            given.refuse("--validation says what is measured on", "--hold-out");
        }
        Misuse.unlessOneOf("--schedule", schedule, NoiseSchedule.names());
        Misuse.unlessOneOf("--prediction", prediction, List.of("epsilon", "v_prediction", "sample"));
        Decay descent = falling.decay(given);
        if (!descent.equals(Decay.COSINE)) {
            given.refuse("the rate does not follow a cosine (--decay steps)", "--final-rate");
        }
        devices.require();
        if (dataDir != null && !DataSets.hasName(data) && (validation == null || !DataSets.hasName(validation))) {
            throw new Misuse("--data-dir: has no effect here: --data"
                    + (validation == null ? " is a path of its" : " and --validation are paths of their") + " files");
        }
        try (ImageSet set = Sets.openAmong(data, dataDir);
                ImageSet measured = validation == null ? null : Sets.openAmong(validation, dataDir)) {
            train(set, Optional.ofNullable(measured), descent, given);
        }
        return 0;
    }

    /** The greatest side up to that of the images which the patches divide. */
    private int dividedSide(ImageSet set) {
        return Math.max(1, set.height() / patch) * patch;
    }

    private void train(ImageSet set, Optional<ImageSet> measured, Decay descent, GivenOptions given) {
        set.requireClasses("");
        if (set.height() != set.width()) {
            throw new ModelException(
                    "%s: images of %d x %d; square ones are needed, to which '?side=%d' after the name of a folder or zip crops and resizes them"
                            .formatted(set.name(), set.width(), set.height(), SIDE));
        }
        if (given.named("--patch-size") && set.height() % patch != 0) {
            throw new Misuse(
                    "--patch-size: %d; a divisor of %d is needed, the pixels of a side of the images; '?side=%d' after the name of a folder or zip crops and resizes them"
                            .formatted(patch, set.height(), dividedSide(set)));
        }
        if (from == null && preset == null && set.height() % patch != 0) {
            throw new ModelException(
                    "%s: images of %d x %d, which --patch-size %d does not divide; '?side=%d' after the name of a folder or zip crops and resizes them"
                            .formatted(set.name(), set.width(), set.height(), patch, dividedSide(set)));
        }
        DenoisingModel model = from != null ? started(from, set) : begun(set);
        SamplerConfig sampler =
                new SamplerConfig(schedule, 1e-4, 0.02, 1000, prediction, "guided", 0, true, SamplerConfig.NO_CLIP);
        TrainingSettings settings = new TrainingSettings(
                batch, images, rate, finalRate, warmup, decay, clip, emaDecay, dropout, flip, seed, descent);
        checkWarmup(settings, given);
        String initial = from != null ? ModelDigest.of(from) : "random";
        Validation.Parts parts = parts(set, measured, given);
        requireBatch(batch, parts.learned().images().size(), set);
        try (Watch watch = new Watch(settings)) {
            DiffusionRun of = new DiffusionRun(
                    model,
                    sampler,
                    initial,
                    parts.learned(),
                    settings,
                    out,
                    weightsType(),
                    Optional.of(parts.validation()));
            TrainingRun run = of.prepare(Cadence.every(Duration.ofSeconds(saveEvery)), watch, new TrainPage(of));
            if (tensorboard) {
                run.events(out.resolve(TrainingRun.EVENTS));
            }
            AtomicFiles.inFolders(out, () -> {
                try (FolderLock _ = FolderLock.take(out, "training")) {
                    run.run();
                }
            });
        }
    }

    /** Refuses batches of more images than there are to learn from. */
    static void requireBatch(int batch, int images, ImageSet set) {
        if (batch > images) {
            throw new Misuse("--batch: %d; at most %d is needed, the images of %s to learn from"
                    .formatted(batch, images, set.name()));
        }
    }

    /** What is learned from, and what is measured on. */
    private Validation.Parts parts(ImageSet set, Optional<ImageSet> measured, GivenOptions given) {
        TrainingData read = read(set);
        long every = evaluateEvery != null ? evaluateEvery : Math.clamp(set.size() / batch, 1, MOST_STEPS);
        if (measured.isPresent()) {
            ImageSet other = measured.get();
            Shape shape = read.images().shape();
            Shape is = other.shape();
            if (!is.equals(shape) || !other.classes().equals(set.classes())) {
                throw new ModelException("--validation %s: images of %s and classes %s; those of %s are %s and %s"
                        .formatted(
                                other.name(),
                                is,
                                String.join(", ", other.classes()),
                                set.name(),
                                shape,
                                String.join(", ", set.classes())));
            }
            return new Validation.Parts(read, Validation.on(read(other), every, patience));
        }
        Validation.Parts parts = Validation.holdingOut(read, holdOut, batch, seed, every, patience);
        if (!parts.validation().heldOut() && given.has("--hold-out") && holdOut > 0) {
            throw new Misuse(
                    "--hold-out: %s: none of the %d images of %s can be held out, of which a batch of %d must be left; --validation takes others"
                            .formatted(holdOut, set.size(), set.name(), batch));
        }
        return parts;
    }

    /** A training that ends before its warm-up does has nothing of the cosine that follows. */
    private void checkWarmup(TrainingSettings settings, GivenOptions given) {
        long steps = settings.steps();
        if (steps <= warmup) {
            given.refuse(
                    "the training ends with step " + steps + " of the warm-up (--warmup " + warmup + ")",
                    "--final-rate");
        }
    }

    private static TrainingData read(ImageSet set) {
        try (Progress progress = Progress.start("reading", 0, set.size(), "images")) {
            return TrainingData.read(
                    ImageSource.of(set.size(), set.shape(), set::label, set::copyNormalized),
                    set.name(),
                    set.classes(),
                    done -> progress.at(done, ""));
        }
    }

    /** Shows how the training goes. */
    private final class Watch implements TrainingRun.Listener, AutoCloseable {
        private final TrainingSettings settings;
        private @Nullable Progress progress;

        Watch(TrainingSettings settings) {
            this.settings = settings;
        }

        @Override
        public void begins(long step, List<Settings.Difference> changed) {
            if (!changed.isEmpty()) {
                PrintWriter err = spec.commandLine().getErr();
                err.printf(
                        "canonica train: goes on after %d images under other settings (%s): the result is not that of a run that had"
                                + " them from its beginning%n",
                        step * batch,
                        changed.stream().map(Settings.Difference::toString).collect(Collectors.joining("; ")));
                err.flush();
            }
            long steps = settings.steps();
            if (steps < warmup) {
                PrintWriter err = spec.commandLine().getErr();
                err.printf(
                        Locale.ROOT,
                        "canonica train: steps: %d, fewer than the %d of --warmup: the learning rate ends at %.2g and does not reach the %.2g of --rate%n",
                        steps,
                        warmup,
                        rate * steps / warmup,
                        rate);
                err.flush();
            }
            progress = Progress.start("training", step * batch, settings.steps() * batch, "images");
        }

        @Override
        public void step(Trainer.Progress p, double smoothLoss) {
            if (progress != null) {
                progress.at(p.step() * batch, String.format(Locale.ROOT, "loss %.4f", smoothLoss));
            }
        }

        @Override
        public void close() {
            if (progress != null) {
                progress.close();
            }
        }
    }

    /** A model with random weights. */
    private DenoisingModel begun(ImageSet set) {
        int classes = set.classes().size();
        if (preset == null) {
            if (hidden % 4 != 0 || hidden % heads != 0) {
                throw new Misuse("--hidden-size: %d; a multiple of 4 and of the %d of --heads is needed"
                        .formatted(hidden, heads));
            }
            return Dit.initialised(
                    new DitConfig(
                            set.height(), patch, set.channels(), hidden, depth, heads, 4, dropout, classes, false),
                    seed);
        }
        if (preset.equals(UNET)) {
            return fitting(
                    "--model " + UNET,
                    Unet2d.initialised(Unet2d.small(set.height(), set.channels(), classes, dropout > 0), seed),
                    set);
        }
        Path file = Path.of(preset);
        if (!Files.isRegularFile(file)) {
            return Dit.initialised(published(preset, set).withClassDropout(dropout), seed);
        }
        JsonConfig config = JsonConfig.read(file);
        DenoisingModel model = switch (config.className()) {
            case "UNet2DModel" -> config.made(c -> Unet2d.initialised(c, seed));
            case "DiT" -> Dit.initialised(config.made(DitConfig::read), seed);
            default ->
                throw new ModelException("--model %s: _class_name '%s'; a DiT or UNet2DModel is needed"
                        .formatted(file, config.className()));
        };
        return fitting("--model " + file, model, set);
    }

    /** The architecture of a published DiT for images like these. */
    private static DitConfig published(String preset, ImageSet set) {
        try {
            return DitConfig.preset(
                    preset, set.height(), set.channels(), set.classes().size(), false);
        } catch (ModelException e) {
            throw new Misuse("--model: " + e.getMessage() + ", " + UNET + ", or a file or folder");
        }
    }

    /** The model of {@code --from}, if its images and classes are those of the set. */
    private static DenoisingModel started(Path from, ImageSet set) {
        return fitting("--from " + from, ModelDirectory.load(from, DType.F32), set);
    }

    /** A model, if its images and classes are those of the set. One that is under no condition takes images of any class. */
    private static DenoisingModel fitting(String what, DenoisingModel model, ImageSet set) {
        Shape images = set.shape();
        boolean free = model.conditioning().isEmpty();
        boolean known =
                model.accepts(model.sampleShape()); // fails where a U-Net does not say its size, which samples need
        if (!model.accepts(images) || !free && model.classes() != set.classes().size()) {
            boolean side = known && images.dim(0) == model.channels() && !model.accepts(images);
            throw new ModelException("%s: a model of images %s and %d classes; %s has %s and %d%s"
                    .formatted(
                            what,
                            model.acceptedShapes(),
                            model.classes(),
                            set.name(),
                            images,
                            set.classes().size(),
                            side
                                    ? "; '?side=%d' after the name of a folder or zip crops and resizes them"
                                            .formatted(model.sampleShape().dim(1))
                                    : ""));
        }
        return model;
    }

    private DType weightsType() {
        return switch (weights) {
            case "f32" -> DType.F32;
            case "f16" -> DType.F16;
            default -> throw Misuse.choice("--weights", weights, List.of("f32", "f16"));
        };
    }
}
