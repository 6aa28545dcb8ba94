package dev.canonica.cli;

import dev.canonica.data.ImageSet;
import dev.canonica.models.ModelDirectory;
import dev.canonica.models.ModelException;
import dev.canonica.models.StateDict;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.Prediction;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.training.DiffusionTrainer;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.TrainingSettings;
import dev.canonica.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
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
            "Trains a class-conditional diffusion model (DiT) on labelled images.",
            "Writes config.json, scheduler_config.json and model.safetensors (the moving average of the parameters) to --out, and"
                    + " there also the state to resume from: the same command goes on where it was stopped."
        })
final class TrainCommand implements Callable<Integer> {
    private static final String STATE = "training.safetensors";
    private static final String LOSSES = "loss.csv";

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
            description = "a DiT to go on from, instead of random weights; it gives the architecture too")
    private @Nullable Path from;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "a published size, DiT-{S,B,L,XL}/{2,4,8}, instead of the four options below")
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

    @Option(names = "--flip", description = "mirror images at random")
    private boolean flip;

    @Option(
            names = "--schedule",
            defaultValue = "squaredcos_cap_v2",
            description = "linear, scaled_linear or squaredcos_cap_v2 (default: ${DEFAULT-VALUE})")
    private String schedule = "";

    @Option(
            names = "--prediction",
            defaultValue = "v_prediction",
            description = "epsilon, v_prediction or sample (default: ${DEFAULT-VALUE})")
    private String prediction = "";

    @Option(names = "--seed", defaultValue = "0", description = "of everything random (default: ${DEFAULT-VALUE})")
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
        threads.apply();
        devices.apply();
        try (ImageSet set = Sets.open(data, dataDir)) {
            train(set);
        }
        return 0;
    }

    private void train(ImageSet set) throws IOException {
        if (set.classes().isEmpty() || set.height() != set.width()) {
            throw new ModelException("train: " + set.name() + ": square images with classes are needed");
        }
        Dit model = from != null ? started(from, set) : Dit.initialised(config(set), seed);
        DitConfig config = model.config();
        SamplerConfig sampler =
                new SamplerConfig(schedule, 1e-4, 0.02, 1000, prediction, "guided", 0, true, SamplerConfig.NO_CLIP);
        TrainingSettings settings = new TrainingSettings(
                batch, images, rate, finalRate, warmup, decay, clip, emaDecay, dropout, flip, seed);
        NoiseSchedule noise = sampler.noiseSchedule();
        DiffusionTrainer trainer = new DiffusionTrainer(
                model, List.copyOf(model.fixed()), noise, Prediction.of(prediction), source(set), settings);
        Files.createDirectories(out);
        Path state = out.resolve(STATE);
        if (Files.exists(state)) {
            trainer.restore(state);
        }
        long saved = System.nanoTime();
        Losses losses = new Losses(out.resolve(LOSSES), trainer.step());
        try (Progress progress =
                Progress.start("training", trainer.step() * batch, settings.steps() * batch, "images")) {
            while (trainer.step() < settings.steps()) {
                DiffusionTrainer.Progress p = trainer.next();
                losses.add(p);
                progress.at(p.step() * batch, losses.summary());
                if (System.nanoTime() - saved > saveEvery * 1_000_000_000L || p.step() == settings.steps()) {
                    save(config, sampler, trainer, set, state);
                    losses.flush();
                    saved = System.nanoTime();
                }
            }
        }
    }

    private DitConfig config(ImageSet set) {
        int classes = set.classes().size();
        return preset != null
                ? DitConfig.preset(preset, set.height(), set.channels(), classes, false)
                        .withClassDropout(dropout)
                : new DitConfig(set.height(), patch, set.channels(), hidden, depth, heads, 4, dropout, classes, false);
    }

    /** The model of {@code --from}, if its images and classes are those of the set. */
    private static Dit started(Path from, ImageSet set) {
        if (!(ModelDirectory.load(from, DType.F32) instanceof Dit dit)) {
            throw new ModelException("--from " + from + ": a model of _class_name DiT is needed");
        }
        DitConfig c = dit.config();
        if (c.inputSize() != set.height()
                || c.inChannels() != set.channels()
                || c.numClasses() != set.classes().size()) {
            throw new ModelException(String.format(
                    Locale.ROOT,
                    "--from %s: a model of %d x %d images, %d channels, %d classes; %s has %d x %d, %d, %d",
                    from,
                    c.inputSize(),
                    c.inputSize(),
                    c.inChannels(),
                    c.numClasses(),
                    set.name(),
                    set.height(),
                    set.width(),
                    set.channels(),
                    set.classes().size()));
        }
        return dit.copy();
    }

    private void save(DitConfig config, SamplerConfig sampler, DiffusionTrainer trainer, ImageSet set, Path state) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("trained_on", set.name());
        metadata.put("images", Long.toString(trainer.step() * batch));
        metadata.put(ModelDirectory.CLASSES, String.join(",", set.classes()));
        metadata.put("seed", Long.toString(seed));
        trainer.save(state);
        ModelDirectory.save(out, config, sampler, StateDict.converted(trainer.averaged(), weightsType()), metadata);
    }

    private DType weightsType() {
        return switch (weights) {
            case "f32" -> DType.F32;
            case "f16" -> DType.F16;
            default -> throw Misuse.choice("--weights", weights, List.of("f32", "f16"));
        };
    }

    private static ImageSource source(ImageSet set) {
        return new ImageSource() {
            @Override
            public int size() {
                return set.size();
            }

            @Override
            public int label(int i) {
                return set.label(i);
            }

            @Override
            public void copy(int i, float[] target, int offset) {
                set.copyNormalized(i, target, offset);
            }
        };
    }

    /** The loss curve: a line for every hundred steps, with the mean loss and gradient norm. */
    private static final class Losses {
        private static final int EVERY = 100;

        private final Path file;
        private final StringBuilder pending = new StringBuilder();
        private double sum;
        private double norms;
        private int count;
        private double smooth = Double.NaN;

        Losses(Path file, long resumedAt) throws IOException {
            this.file = file;
            if (resumedAt == 0 || !Files.exists(file)) {
                Files.writeString(file, "step,loss,gradient_norm\n");
                return;
            }
            List<String> kept = Files.readAllLines(file).stream()
                    .filter(l -> l.startsWith("step") || Long.parseLong(l.substring(0, l.indexOf(','))) <= resumedAt)
                    .toList();
            Files.write(file, kept);
        }

        void add(DiffusionTrainer.Progress p) {
            sum += p.loss();
            norms += p.gradientNorm();
            count++;
            smooth = Double.isNaN(smooth) ? p.loss() : 0.98 * smooth + 0.02 * p.loss();
            if (p.step() % EVERY == 0) {
                pending.append(String.format(Locale.ROOT, "%d,%.6f,%.4f%n", p.step(), sum / count, norms / count));
                sum = 0;
                norms = 0;
                count = 0;
            }
        }

        String summary() {
            return String.format(Locale.ROOT, "loss %.4f", smooth);
        }

        void flush() throws IOException {
            Files.writeString(file, pending.toString(), StandardCharsets.UTF_8, StandardOpenOption.APPEND);
            pending.setLength(0);
        }
    }
}
