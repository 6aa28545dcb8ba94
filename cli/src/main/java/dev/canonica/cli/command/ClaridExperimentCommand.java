package dev.canonica.cli.command;

import dev.canonica.cadistill.experiment.ClaridExperiment;
import dev.canonica.cadistill.experiment.ClaridScale;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Once;
import dev.canonica.cli.option.Sets;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Home;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica experiment clarid}. */
@Command(
        name = "clarid",
        description = {
            "The method on held-out Scenes: the paper's nominal setting and others beside all controls; what is removed of backgrounds and kept of garments and"
                    + " classes, by families of backgrounds, with intervals; what its stages take.",
            "Writes settings.json, results.json, results.csv and report.html to --out, with the sweep and the judging classifier below it: the same command"
                    + " goes on where it was stopped."
        })
final class ClaridExperimentCommand implements Callable<Integer> {
    private static final int CLASSES = 10;

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
            names = "--model",
            paramLabel = "DIR",
            description = "a diffusion model of Scenes by their ten classes (default: the shipped one)")
    private @Nullable Path model;

    @Option(names = "--images", paramLabel = "N", description = "held-out images (default: the scale's)")
    @Within(min = 2)
    private @Nullable Integer images;

    @Option(
            names = "--questions",
            paramLabel = "NAME",
            split = ",",
            description =
                    "those that are asked, of settings, directions, adaptive, steps, choice, outputs (default: all)")
    private @Nullable List<String> questions;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the folder of the experiment")
    private Path out = Path.of("");

    @Option(names = "--data-dir", paramLabel = "DIR", description = "where the garments of Scenes are looked for first")
    private @Nullable Path dataDir;

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    ClaridExperimentCommand() {}

    @Override
    public Integer call() {
        Misuse.unlessOneOf("--scale", scale, ClaridScale.ids());
        ClaridScale size = size();
        devices.require();
        Path network = model != null ? model : Home.model();
        int classes = ModelDirectory.load(network, DType.F32).classes();
        if (classes != CLASSES) {
            throw new Misuse("--model: %d classes; Scenes have %d".formatted(classes, CLASSES));
        }
        String command = GivenOptions.of(spec).line();
        return ExperimentCommand.run(
                out,
                told -> new ClaridExperiment(size, network, set -> Sets.open(set, dataDir), out, command, told).run());
    }

    private ClaridScale size() {
        ClaridScale size = ClaridScale.named(scale);
        size = images == null ? size : size.ofImages(images);
        if (questions == null) {
            return size;
        }
        questions.forEach(name -> Misuse.unlessOneOf("--questions", name, ClaridScale.questionIds()));
        Once.check("--questions", questions);
        return size.ofQuestions(questions);
    }
}
