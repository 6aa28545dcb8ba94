package dev.canonica.cli.command;

import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.Attacks;
import dev.canonica.cadistill.evaluate.AttackPlan;
import dev.canonica.cadistill.evaluate.Evaluation;
import dev.canonica.cadistill.evaluate.EvaluationFiles;
import dev.canonica.cadistill.evaluate.EvaluationPage;
import dev.canonica.cadistill.evaluate.EvaluationPlan;
import dev.canonica.cadistill.evaluate.EvaluationResults;
import dev.canonica.cadistill.evaluate.Robustness;
import dev.canonica.cli.attack.AttackOptions;
import dev.canonica.cli.attack.NoiseOptions;
import dev.canonica.cli.evaluate.CorruptionOptions;
import dev.canonica.cli.evaluate.EvaluationInputs;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.Fraction;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Once;
import dev.canonica.cli.option.ShardOption;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.DataException;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.run.Shard;
import dev.canonica.data.run.ShardFolders;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica evaluate}: what classifiers are worth. */
@Command(
        name = "evaluate",
        description = {
            "Accuracy of classifiers on images as they are, corrupted, with other backgrounds, out of distribution and under attack; calibration; what features hold.",
            "Every number with its interval, models compared image by image; a page with all of it.",
            "The same command goes on where it was stopped.",
            ""
        })
public final class EvaluateCommand implements Callable<Integer> {
    /** The kind of run that the folder says it is of. */
    static final String KIND = "evaluation";

    private static final String NAMES = "image names";

    /** Settings that say what the images of all sets hold and what they are called. */
    private static final Set<String> IMAGES = Set.of("images", NAMES, "masks", "sets", "bank");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            split = ",",
            description = "classifiers, separated by commas; their configuration may give mean and std of the channels")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = "--data",
            required = true,
            paramLabel = "SET",
            description = "a data set (see canonica data), folder, zip or IDX file; SET?side=N crops and resizes")
    private String data = "";

    @Option(names = "--data-dir", paramLabel = "DIR", description = "where data sets are looked for first")
    private @Nullable Path dataDir;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "the folder of the results")
    private Path out = Path.of("");

    @Option(
            names = "--measures",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "clean,calibration",
            description =
                    "clean, calibration, corruptions, background, ood, features, attacks (default: ${DEFAULT-VALUE})")
    private List<String> measures = new ArrayList<>();

    @Option(names = "--limit", paramLabel = "N", description = "the first N images that can be read alone")
    @Within(min = 1)
    private @Nullable Integer limit;

    @Option(
            names = "--class-ids",
            paramLabel = "LIST",
            description = "the models' number of each class of the set, where neither names nor numbers tell: 207,88,…")
    private @Nullable String classIds;

    @Mixin
    private CorruptionOptions corruptions = new CorruptionOptions();

    @Option(
            names = "--masks",
            paramLabel = "DIR",
            description = "masks of the objects: PNG files named as the images (default: those of the set)")
    private @Nullable Path masks;

    @Option(
            names = "--ood",
            paramLabel = "NAME=SET",
            description = "another set, such as a=imagenet-a; may come several times")
    private Map<String, String> outside = new LinkedHashMap<>();

    @Option(
            names = "--class-mask",
            paramLabel = "NAME=FILE",
            description = "the classes of that set: a line a class, its folder and the models' number")
    private Map<String, Path> classMasks = new LinkedHashMap<>();

    @Option(names = "--bank", paramLabel = "SET", description = "images that features are learned from")
    private @Nullable String bank;

    @Option(
            names = "--feature-layer",
            paramLabel = "LAYER",
            description = "whose features are judged (default: avgpool)")
    private @Nullable String featureLayer;

    @Option(
            names = "--neighbours",
            paramLabel = "K",
            description = "of the nearest neighbours (default: 20, or all of a smaller bank)")
    @Within(min = 1)
    private @Nullable Integer neighbours;

    @Option(
            names = "--attacks",
            paramLabel = "NAME",
            split = ",",
            description = "which attacks, as canonica attack (default: standard)")
    private List<String> attacks = new ArrayList<>();

    @Option(
            names = "--norm",
            paramLabel = "linf|l2",
            split = ",",
            description = "how changes are measured (default: linf)")
    private List<String> norms = new ArrayList<>();

    @Option(
            names = "--eps",
            paramLabel = "E",
            split = ",",
            converter = Fraction.Converter.class,
            description = "how large a change may be, for values in [0, 1]; several give a curve")
    private List<Fraction> eps = new ArrayList<>();

    @Mixin
    private AttackOptions options = new AttackOptions();

    @Mixin
    private NoiseOptions noise = new NoiseOptions();

    @Option(
            names = "--seeds",
            description = "the models differ in the seed of their training alone: gives the mean over them, too")
    private boolean seeds;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "of all that is drawn (default: 0)")
    private long seed;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "images in a model at a time; results do not depend on it (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int batch;

    @Mixin
    private ShardOption shards = new ShardOption();

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    EvaluateCommand() {}

    @Override
    public Integer call() {
        checkOptions();
        devices.require();
        GivenOptions given = GivenOptions.of(spec);
        Shard shard = shards.shard();
        AttackPlan under = has("attacks") ? attackPlan() : null;
        try (EvaluationInputs in = EvaluationInputs.open(new EvaluationInputs.Given(
                models,
                data,
                dataDir,
                limit,
                classIds,
                has("background"),
                masks,
                outside,
                classMasks,
                bank,
                neighbours,
                has("features") ? layer() : null,
                under))) {
            EvaluationPlan plan = plan(in, under);
            int first = shard.from(in.images().size());
            int last = shard.to(in.images().size());
            Settings settings = settings(in, plan);
            MergedShards.check(settings, IMAGES, in.sets());
            try (RunFolder folder = RunFolder.claim(out, KIND, settings)) {
                ShardFolders.begin(folder);
                boolean measured = true;
                if (first < last) {
                    measured = evaluate(in, plan, folder, first, last, settings);
                } else {
                    System.err.println("shard %s has none of %d images"
                            .formatted(shard, in.images().size()));
                }
                in.list(out);
                if (!shard.isWhole()) {
                    ShardFolders.done(folder, shard, given.words(), List.of());
                }
                if (!measured) {
                    throw new DataException("nothing of what was asked for could be measured (problems in "
                            + out.resolve(EvaluationFiles.JSON) + ")");
                }
            }
        }
        return 0;
    }

    /** Evaluates images first … last − 1, of which there is one; whether there is a number. */
    private boolean evaluate(
            EvaluationInputs in, EvaluationPlan plan, RunFolder folder, int first, int last, Settings settings) {
        EvaluationResults results;
        try (Progress progress = Progress.start("evaluating", 0, last - first, "images")) {
            results = new Evaluation(plan, folder, batch, first, last, (what, done) -> progress.at(done, what)).run();
        }
        folder.begin();
        EvaluationFiles.write(out, results, in.problems());
        String command = GivenOptions.of(spec).anywhere();
        new EvaluationPage(results, in.problems(), settings.shown(), command)
                .page()
                .write(out.resolve("report.html"));
        System.err.println("report: " + out.resolve("report.html"));
        return !results.measurements().isEmpty();
    }

    private boolean has(String measure) {
        return measures.contains(measure);
    }

    private void checkOptions() {
        measures.forEach(measure -> Misuse.unlessOneOf("--measures", measure, EvaluationPlan.MEASURES));
        Once.check("--measures", measures);
        Once.check("--model", models);
        corruptions.check();
        Once.check("--attacks", attacks);
        Once.check("--norm", norms);
        Once.check("--eps", eps.stream().map(e -> Robustness.eps(e.value())).toList());
        GivenOptions given = GivenOptions.of(spec);
        only(given, "corruptions", CorruptionOptions.NAMES.toArray(String[]::new));
        only(given, "background", "--masks");
        only(given, "ood", "--ood", "--class-mask");
        only(given, "features", "--bank", "--feature-layer", "--neighbours");
        only(given, "attacks", "--attacks", "--norm", "--eps", "--steps", "--targets", "--queries", "--save-every");
        only(given, "attacks", NoiseOptions.NAMES.toArray(String[]::new));
        noise.check(given, norms());
        need("features", bank == null, "--bank SET");
        need("ood", outside.isEmpty(), "--ood NAME=SET");
        need("attacks", eps.isEmpty(), "--eps E");
        for (String name : classMasks.keySet()) {
            if (!outside.containsKey(name)) {
                throw new Misuse("--class-mask: '" + name + "' is none of the sets of --ood");
            }
        }
        if (seeds && models.size() < 2) {
            throw new Misuse("--seeds: several models are needed, one of each seed");
        }
        AttackOptions.checkNames(attacks);
        List<String> asked = attacks();
        for (String option : List.of("steps", "targets", "queries")) {
            if (asked.stream().noneMatch(name -> Attacks.uses(name, option))) {
                given.refuse("none of the attacks has it", "--" + option);
            }
        }
        if (!draws()) {
            given.refuse("nothing is drawn: it is for corruptions, background, attacks", "--seed");
        }
    }

    /** Whether something is drawn at random: not every corruption or attack does. */
    private boolean draws() {
        return has("background")
                || has("corruptions")
                        && corruptions.corruptions().stream()
                                .anyMatch(c -> !c.fields().isEmpty())
                || has("attacks")
                        && (noise.settings().sigma() > 0
                                || attacks().stream().anyMatch(name -> Attacks.draws(name, attackSettings())));
    }

    private void only(GivenOptions given, String measure, String... options) {
        if (!has(measure)) {
            given.refuse("it is for --measures " + measure, options);
        }
    }

    private void need(String measure, boolean missing, String option) {
        if (has(measure) && missing) {
            throw new Misuse("--measures: " + measure + " needs " + option);
        }
    }

    private List<String> attacks() {
        return attacks.isEmpty() ? List.of(Attacks.STANDARD) : attacks;
    }

    private List<String> norms() {
        return norms.isEmpty() ? List.of("linf") : norms;
    }

    private String layer() {
        return featureLayer == null ? "avgpool" : featureLayer;
    }

    private EvaluationPlan plan(EvaluationInputs in, @Nullable AttackPlan under) {
        return new EvaluationPlan(
                in.candidates(),
                in.digest(),
                measures,
                corruptions.table(in.images().height(), in.images().width()),
                corruptions.corruptions(),
                corruptions.severities(),
                corruptions.baseline(),
                in.layers(),
                has("features") ? new EvaluationPlan.Features(layer(), neighbours == null ? 20 : neighbours) : null,
                under,
                seeds,
                seed);
    }

    private AttackPlan attackPlan() {
        List<Norm> by = new ArrayList<>();
        for (String norm : norms()) {
            by.add(AttackOptions.norm(norm, eps));
        }
        return new AttackPlan(
                attacks(),
                by,
                eps.stream().map(Fraction::value).sorted().toList(),
                attackSettings(),
                noise.settings(),
                options.saveEvery());
    }

    private AttackSettings attackSettings() {
        return new AttackSettings(
                options.steps(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                options.targets(),
                options.queries(),
                false);
    }

    /** What the results depend on. */
    private Settings settings(EvaluationInputs in, EvaluationPlan plan) {
        Settings s = Settings.NONE
                .with(
                        "models",
                        plan.candidates().stream().map(c -> c.model().name()).toList())
                .with(
                        "weights",
                        plan.candidates().stream().map(c -> c.model().digest()).toList())
                .with("data", in.images().name())
                .with("images", in.digest())
                .with(NAMES, in.names())
                .with("measures", measures)
                .with("device", Session.current().device().name())
                .with("seeds", seeds)
                .with("seed", seed);
        s = ShardFolders.of(s, shards.shard());
        if (classIds != null) {
            s = s.with("class ids", classIds);
        }
        if (has("corruptions")) {
            s = corruptions.recorded(s, plan);
        }
        if (has("background")) {
            s = s.with("masks", in.maskDigest());
        }
        if (has("ood")) {
            s = s.with("sets", in.outsideDigests());
        }
        EvaluationPlan.Features features = plan.features();
        if (features != null) {
            s = s.with("bank", in.bankDigest())
                    .with("layer", features.layer())
                    .with("neighbours", features.neighbours());
        }
        AttackPlan under = plan.attacks();
        if (under != null) {
            s = s.with("attacks", under.attacks())
                    .with("norms", under.norms().stream().map(Norm::name).toList())
                    .with("eps", under.eps().stream().map(String::valueOf).toList());
            s = with(s, "steps", options.steps());
            s = with(s, "targets", options.targets());
            s = with(s, "queries", options.queries());
            s = noise.settings().recorded(s);
        }
        return s.mayChange(NAMES);
    }

    private static Settings with(Settings settings, String name, OptionalInt value) {
        return value.isPresent() ? settings.with(name, value.getAsInt()) : settings;
    }
}
