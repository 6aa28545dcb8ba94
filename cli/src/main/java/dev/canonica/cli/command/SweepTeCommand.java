package dev.canonica.cli.command;

import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.evaluate.ClassifierJudge;
import dev.canonica.clarid.sweep.TeSearch;
import dev.canonica.clarid.sweep.TeSearchPage;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.ProductOptions;
import dev.canonica.cli.option.SamplerOptions;
import dev.canonica.cli.option.Subject;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.VaeOption;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.sweep.ClassifierOption;
import dev.canonica.cli.sweep.TeGrid;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.run.RunFolder;
import dev.canonica.models.Conditions;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.LatentCodec;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.WorkListener;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica sweep te}. */
@Command(
        name = "te",
        description = {
            "t_e by two-stage sampling: from noise under no condition down to t_e, from there under a class; how often a classifier sees the class, against"
                    + " t_e, and where that saturates.",
            "The same command goes on where it was stopped."
        })
public final class SweepTeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description = "a diffusion model under classes: its folder, or that of a diffusers pipeline")
    private Path model = Path.of("");

    @Option(
            names = "--classifier",
            paramLabel = "DIR",
            required = true,
            description = "a classifier of the same classes, such as distill's last/")
    private Path classifier = Path.of("");

    @Option(
            names = "--grid",
            paramLabel = "te=V,…",
            required = true,
            description = "the values of t_e, fractions of the steps: te=0.1,0.2,0.3")
    private String grid = "";

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "500",
            description = "samples, of all classes in turn, at each t_e (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int count;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the folder of the results")
    private Path out = Path.of("");

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "16",
            description = "samples at a time, and in a stored part (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int batch;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of the noise (default: ${DEFAULT-VALUE})")
    private long seed;

    @Mixin
    private VaeOption vae = new VaeOption();

    @Mixin
    private SamplerOptions sampler = new SamplerOptions();

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private ProductOptions products = new ProductOptions();

    @Mixin
    private Devices devices = new Devices();

    SweepTeCommand() {}

    @Override
    public Integer call() {
        GivenOptions given = GivenOptions.of(spec);
        sampler.checkNames();
        products.check(given, DType.F32);
        given.refuse("the grid says it: --grid te=…", "--te");
        given.refuse("nothing is inverted", "--inversion");
        List<Double> fractions = TeGrid.of(grid);
        devices.require();
        String command = given.anywhere();
        DenoisingModel network = ModelDirectory.load(model, DType.F32);
        if (network.classes() < 2) {
            throw new ModelException(model + ": has no classes to sample under");
        }
        Conditions conditions = Conditions.classesOf(network);
        if (!network.canDrop(conditions.of(0))) {
            throw new ModelException(model + ": " + network.noNullCondition());
        }
        sampler.checkGuidance(network, conditions.of(0));
        Sampler levels = sampler.sampler(model, network);
        TeGrid.check(fractions, levels);
        if (vae.folder() != null && network.channels() <= 3) {
            throw new Misuse(
                    "--vae: has no effect here: the model works on images, of " + network.channels() + " channels");
        }
        LatentCodec codec = Subject.codec(model, vae.folder(), DType.F32);
        Map<String, String> description = new LinkedHashMap<>();
        description.put("model", model.toString());
        description.put("weights", ModelDigest.of(model));
        ProductOptions.describe(description);
        int channels = codec == LatentCodec.IMAGES ? network.channels() : 3;
        Victim victim = ClassifierOption.ofClasses(classifier, model, channels, network.classes(), description);
        search(
                new TeSearch.Plan(
                        network,
                        conditions,
                        codec,
                        levels,
                        fractions,
                        count,
                        batch,
                        sampler.guidance(network),
                        new ClassifierJudge(victim, i -> i % network.classes()),
                        seed,
                        description),
                command);
        return 0;
    }

    private void search(TeSearch.Plan plan, String command) {
        TeSearch search = new TeSearch(plan, out);
        Settings settings = search.settings();
        try (RunFolder folder = RunFolder.claim(out, "search of t_e", settings)) {
            TeSearch.Result result;
            int steps = plan.sampler().last()
                    + plan.te().stream().mapToInt(plan.sampler()::at).sum();
            try (Progress progress =
                    Progress.start("sampling", 0, count, "samples").inPieces(Math.min(batch, count), steps)) {
                result = WorkListener.giving(progress::piece, () -> search.run(folder, done -> progress.at(done, "")));
            }
            TeSearchPage.write(plan, result, settings.shown(), command, out.resolve("report.html"));
            System.err.println(TeSearchPage.sentence(result));
            System.err.println("report: " + out.resolve("report.html"));
        }
    }
}
