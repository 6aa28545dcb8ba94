package dev.canonica.cli.command;

import dev.canonica.cadistill.experiment.CadistillExperiment;
import dev.canonica.cadistill.experiment.Scale;
import dev.canonica.cadistill.experiment.Subject;
import dev.canonica.cadistill.experiment.Teacher;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Once;
import dev.canonica.cli.option.Sets;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Home;
import dev.canonica.cli.terminal.Misuse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica experiment cadistill}. */
@Command(
        name = "cadistill",
        description = {
            "Students on Scenes whose backgrounds go with their classes, tested where they do not, or on CIFAR-10: vanilla students, CaDistill, its controls"
                    + " (the images themselves, shrunk latents, guidance, true masks) and other methods, with the same images, network and steps.",
            "Writes settings.json, results.json, results.csv and report.html to --out, with every extraction and student below it: the same"
                    + " command goes on where it was stopped. --seeds, --rho and --students may change then, to add some."
        })
final class CadistillExperimentCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--scale",
            paramLabel = "tiny|small|full",
            defaultValue = "small",
            description =
                    "tiny: all of it within minutes, as a test of itself; full: what conclusions are drawn from (default: ${DEFAULT-VALUE})")
    private String scale = "small";

    @Option(
            names = "--data",
            paramLabel = "scenes|cifar10",
            defaultValue = Subject.Scenes.NAME,
            description = "the images; cifar10: its training part, class by class in turns (default: ${DEFAULT-VALUE})")
    private String data = Subject.Scenes.NAME;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description =
                    "the teacher, a diffusion model of the images by their ten classes (default: the shipped one, which is of scenes)")
    private @Nullable Path model;

    @Option(
            names = "--teacher-images",
            paramLabel = "N",
            description =
                    "train a teacher on the students' own images, so that it knows no more than they do, for N images (epochs counted again), instead of --model")
    @Within(min = Teacher.BATCH)
    private @Nullable Long teacherImages;

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "images that students learn from, a tenth of which have companions (default: the scale's)")
    @Within(min = 1)
    private @Nullable Integer images;

    @Option(names = "--tested", paramLabel = "N", description = "images of each test (default: the scale's)")
    @Within(min = 1)
    private @Nullable Integer tested;

    @Option(names = "--epochs", paramLabel = "E", description = "epochs of every student (default: the scale's)")
    @Within(min = 1)
    private @Nullable Integer epochs;

    @Option(names = "--seeds", paramLabel = "N", description = "students of each kind (default: the scale's)")
    @Within(min = 1)
    private @Nullable Integer seeds;

    @Option(
            names = "--rho",
            paramLabel = "LIST",
            split = ",",
            description = "of scenes, how often a class has its background: 0.9,0.95,… (default: the scale's)")
    private @Nullable List<Double> rhos;

    @Option(
            names = "--students",
            paramLabel = "LIST",
            split = ",",
            description = "kinds of students: vanilla,cadistill,… (default: the scale's)")
    private @Nullable List<String> students;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the folder of the experiment")
    private Path out = Path.of("");

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "where the images, or the garments of Scenes, are looked for first")
    private @Nullable Path dataDir;

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    CadistillExperimentCommand() {}

    @Override
    public Integer call() {
        GivenOptions given = GivenOptions.of(spec);
        Scale size = scale(given);
        if (!size.asksTeacher()) {
            given.refuse("none of the students learn from what a diffusion model made", "--model", "--teacher-images");
        }
        if (teacherImages != null) {
            given.refuse("--teacher-images trains the teacher", "--model");
        } else if (size.asksTeacher() && model == null && !data.equals(Subject.Scenes.NAME)) {
            throw new Misuse(
                    "--data %s: needs a teacher of these images: --model DIR, or --teacher-images N to train one"
                            .formatted(data));
        }
        if (teacherImages != null && size.images() < Teacher.BATCH) {
            throw new Misuse("--images: %d; at least %d is needed, a batch of the teacher that --teacher-images trains"
                    .formatted(size.images(), Teacher.BATCH));
        }
        devices.require();
        String command = given.line();
        return ExperimentCommand.run(
                out,
                told -> new CadistillExperiment(size, teacher(), set -> Sets.open(set, dataDir), out, command, told)
                        .run());
    }

    private Teacher teacher() {
        if (teacherImages != null) {
            return new Teacher.OfStudentsImages(teacherImages);
        }
        return model == null || isShipped(model) ? new Teacher.Shipped(Home.model()) : new Teacher.Given(model);
    }

    private static boolean isShipped(Path folder) {
        try {
            return Files.isSameFile(folder, Home.model());
        } catch (IOException e) {
            return false; // there is none of this name, or the shipped one is not there: said where it is read
        }
    }

    private Scale scale(GivenOptions given) {
        Misuse.unlessOneOf("--scale", scale, Scale.ids());
        Scale named = Scale.named(scale);
        Scale on = named.on(subjects(named, given));
        List<String> kinds = students != null ? students : on.kinds();
        for (String kind : kinds) {
            Misuse.unlessOneOf("--students", kind, Scale.allKinds());
            if (!Scale.possible(on.subjects()).contains(kind)) {
                throw new Misuse("--students: %s needs the masks of objects, which only scenes have".formatted(kind));
            }
        }
        Once.check("--students", kinds);
        if (!kinds.contains("vanilla")) {
            throw new Misuse("--students: vanilla is missing, which the others are compared with");
        }
        int learned = images != null ? images : on.images();
        if (learned < on.batch()) {
            throw new Misuse("--images: %d; at least a batch of %d is needed".formatted(learned, on.batch()));
        }
        return on.ofImages(learned, tested != null ? tested : on.tested())
                .ofStudents(epochs != null ? epochs : on.epochs(), seeds != null ? seeds : on.seeds(), kinds);
    }

    private List<Subject> subjects(Scale named, GivenOptions given) {
        Misuse.unlessOneOf("--data", data, Subject.DATA);
        if (data.equals(Subject.Cifar10.NAME)) {
            given.refuse("--data cifar10 has no backgrounds that go with classes", "--rho");
            return List.of(new Subject.Cifar10());
        }
        if (rhos == null) {
            return named.subjects();
        }
        for (double rho : rhos) {
            if (!(rho >= 0 && rho <= 1)) {
                throw new Misuse("--rho: " + rho + "; numbers from 0 to 1 are needed");
            }
        }
        Once.check("--rho", rhos.stream().map(Math::abs).toList());
        return Scale.scenes(rhos.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
