package dev.canonica.cli.command;

import dev.canonica.cadistill.student.CanonicalSet;
import dev.canonica.cadistill.student.HeldImages;
import dev.canonica.cadistill.student.Method;
import dev.canonica.cadistill.student.StudentEvaluation;
import dev.canonica.cadistill.student.StudentLoss;
import dev.canonica.cadistill.student.StudentRun;
import dev.canonica.cadistill.student.StudentSettings;
import dev.canonica.cadistill.student.StudentTraining;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Sets;
import dev.canonica.cli.option.StudentLossOptions;
import dev.canonica.cli.option.StudentTrainingOptions;
import dev.canonica.cli.option.TeacherOptions;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.named.DataSets;
import dev.canonica.data.set.ImageSet;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.Trainer;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.family.ImageClassifier;
import dev.canonica.models.family.ImageNormalization;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.NamedResNets;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.models.training.TrainingData;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica distill}. */
@Command(
        name = "distill",
        description = {
            "Trains a student, a classifier of images (ResNet), on labelled images and on what a diffusion model made of some of them.",
            "Writes to --out: best/ (the most accurate epoch on --validation, of several the first) and last/, folders with torchvision's names of"
                    + " weights, which other commands read; metrics.csv with a row an epoch, loss.csv with a row a step; settings.json, results.json, results.csv,"
                    + " report.html and the state to go on from: the same command goes on where it was stopped, with the same bits.",
            "A training goes on under the settings that it was begun with, or not at all; --save-every, --patience, --tensorboard, --threads and --device may change,"
                    + " and the names of sets that hold the same images."
        })
public final class DistillCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--student",
            paramLabel = "NAME|FILE|DIR",
            required = true,
            description =
                    "resnet18, resnet34, resnet50, wide_resnet50_2, resnet8, resnet20, resnet32, resnet56, wide_resnet16_4 or wide_resnet28_10;"
                            + " or a config.json; or the folder of a ResNet to go on from, instead of random weights")
    private String student = "";

    @Option(
            names = "--data",
            paramLabel = "SET",
            required = true,
            description = "what is learned from: a data set (see canonica data), folder, zip or IDX file")
    private String data = "";

    @Option(
            names = "--validation",
            paramLabel = "SET",
            required = true,
            description = "what is measured on after every epoch")
    private String validation = "";

    @Option(names = "--data-dir", paramLabel = "DIR", description = "where data sets are looked for first")
    private @Nullable Path dataDir;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the folder of the results")
    private Path out = Path.of("");

    @Option(
            names = "--save-every",
            defaultValue = "120",
            paramLabel = "SECONDS",
            description = "how often the state is saved (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private long saveEvery;

    @Mixin
    private StudentLossOptions losses;

    @Mixin
    private TeacherOptions teachers;

    @Mixin
    private StudentTrainingOptions trainings;

    @Option(names = "--tensorboard", description = "write event files for TensorBoard, to tensorboard/ in --out")
    private boolean tensorboard;

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    DistillCommand() {}

    @Override
    public Integer call() {
        GivenOptions given = GivenOptions.of(spec);
        StudentLoss loss = losses.loss(given);
        teachers.check(given, loss);
        StudentTraining training = trainings.training(given, loss);
        checkStudent();
        if (dataDir != null && !DataSets.hasName(data) && !DataSets.hasName(validation)) {
            throw new Misuse("--data-dir: has no effect here: --data and --validation are paths of their files");
        }
        devices.require();
        try (ImageSet learned = Sets.openAmong(data, dataDir);
                ImageSet measured = Sets.openAmong(validation, dataDir)) {
            run(given, loss, training, learned, measured);
        }
        return 0;
    }

    private void run(
            GivenOptions given, StudentLoss loss, StudentTraining training, ImageSet learned, ImageSet measured) {
        if (learned.size() < StudentTrainingOptions.FEWEST) { // no batch would do
            throw new ModelException("--data %s: has 1 image; a step takes at least %d"
                    .formatted(learned.name(), StudentTrainingOptions.FEWEST));
        }
        TrainCommand.requireBatch(training.batch(), learned.size(), learned);
        List<String> classes = StudentRun.classes(learned, measured);
        ResNet net = student(classes.size(), Math.max(learned.height(), learned.width()), training.seed());
        Method method = loss.method();
        Optional<CanonicalSet> canonical = teachers.canonical(given, method, learned, training.seed());
        Optional<ImageClassifier> classifier = teachers.classifier(classes);
        TrainingData images = read(learned);
        TrainingData of = read(measured);
        StudentRun run =
                new StudentRun(net, loss, training, classifier, canonical, images.images(), of.images(), classes, out);
        Settings settings = StudentSettings.of(
                run,
                images,
                of,
                canonical.isPresent() ? teachers.title(method) : "none",
                initialFolder().map(ModelDigest::of).orElse("random"),
                teachers.teacher().map(ModelDigest::of));
        StudentEvaluation course;
        try (Watch watch =
                new Watch(training.batch(), (long) training.epochs() * (learned.size() / training.batch()))) {
            course = run.run(settings, Cadence.every(Duration.ofSeconds(saveEvery)), watch, tensorboard);
        }
        StudentEvaluation.Row best = course.bestRow();
        System.err.printf(
                Locale.ROOT,
                "accuracy on %s: %.4f after epoch %d, %.4f at the end; report: %s%n",
                measured.name(),
                (double) best.correct() / course.images(),
                best.epoch(),
                (double) course.rows().getLast().correct() / course.images(),
                out.resolve("report.html"));
    }

    private static TrainingData read(ImageSet set) {
        try (Progress progress = Progress.start("reading", 0, set.size(), "images")) {
            return TrainingData.read(new HeldImages(set), set.name(), set.classes(), done -> progress.at(done, ""));
        }
    }

    /** The folder of the weights to go on from; empty where they are random, as for a known network, whatever lies beside it. */
    private Optional<Path> initialFolder() {
        return isNamed() ? Optional.empty() : Optional.of(Path.of(student)).filter(Files::isDirectory);
    }

    private boolean isNamed() {
        return NamedResNets.names().contains(student);
    }

    private void checkStudent() {
        if (!isNamed() && !Files.exists(Path.of(student))) {
            throw new Misuse("--student: '%s' is neither a file or folder nor one of %s"
                    .formatted(student, String.join(", ", NamedResNets.names())));
        }
    }

    private ResNet student(int classes, int side, long seed) {
        if (isNamed()) {
            return ResNet.initialised(NamedResNets.of(student, classes, side), seed);
        }
        Path path = Path.of(student);
        ResNet net;
        if (initialFolder().isPresent()) {
            net = ModelDirectory.classifier(path, DType.F32)
                    .filter(ResNet.class::isInstance)
                    .map(ResNet.class::cast)
                    .orElseThrow(() -> new ModelException("--student " + path + ": no ResNet"));
            ImageNormalization.read(path, net.channels())
                    .filter(images -> !images.equals(ImageNormalization.halves(net.channels())))
                    .ifPresent(images -> {
                        throw new ModelException(
                                "--student %s: its images have mean %s and std %s; students are trained on images of mean and std 0.5, so that a network of those is needed"
                                        .formatted(path, images.mean(), images.std()));
                    });
        } else {
            net = ResNet.initialised(config(path), seed);
        }
        if (net.channels() != HeldImages.CHANNELS) {
            throw new ModelException("--student %s: takes images of %d channels; students see %d, also of grey images"
                    .formatted(path, net.channels(), HeldImages.CHANNELS));
        }
        if (net.classes() != classes) {
            throw new ModelException(
                    "--student %s: %d classes; the images have %d".formatted(path, net.classes(), classes));
        }
        return net;
    }

    private static ResNetConfig config(Path file) {
        JsonConfig config = JsonConfig.read(file);
        if (!config.className().equals("ResNet")) {
            throw new ModelException(
                    "--student %s: _class_name '%s'; a ResNet is needed".formatted(file, config.className()));
        }
        return config.made(ResNetConfig::read);
    }

    /** Shows how the training goes. */
    private static final class Watch implements TrainingRun.Listener, AutoCloseable {
        private final int batch;
        private final long steps;
        private @Nullable Progress progress;

        Watch(int batch, long steps) {
            this.batch = batch;
            this.steps = steps;
        }

        @Override
        public void begins(long step, List<Settings.Difference> changed) {
            progress = Progress.start("training", step * batch, steps * batch, "images");
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
}
