package dev.canonica.cli.command;

import dev.canonica.cadistill.attack.AttackException;
import dev.canonica.cadistill.attack.AttackStore;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.bound.TwoSided;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.check.SelfChecks;
import dev.canonica.cadistill.attack.method.AttackSettings;
import dev.canonica.cadistill.attack.method.AttackSuite;
import dev.canonica.cadistill.attack.method.Attacks;
import dev.canonica.cli.attack.AttackInputs;
import dev.canonica.cli.attack.AttackModel;
import dev.canonica.cli.attack.AttackOptions;
import dev.canonica.cli.attack.AttackOutputs;
import dev.canonica.cli.attack.AttackShards;
import dev.canonica.cli.attack.AttackVerifier;
import dev.canonica.cli.attack.NoiseOptions;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.Fraction;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.OutputFile;
import dev.canonica.cli.option.ShardOption;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.run.ShardFolders;
import dev.canonica.models.family.ModelDigest;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code canonica attack}: how many images of a classifier are robust. */
@Command(
        name = "attack",
        description = {
            "Looks for small changes of images after which a classifier takes them for something else; prints how many withstand, as one JSON object.",
            "A run that was stopped goes on where it was; what is done meanwhile lies in OUT.npz.work.",
            "",
            "Attacks: fgsm, pgd, apgd-ce, apgd-dlr, apgd-t, fab-t, square; several are made each on all images.",
            "standard is AutoAttack: apgd-ce, apgd-t, fab-t and square, each on the images that are still robust.",
            ""
        })
public final class AttackCommand implements Callable<Integer> {
    private static final String WORK = ".work";

    /** Options that are of attacks alone. */
    private static final String[] VERIFY_IGNORES = {
        "--outputs",
        "--attacks",
        "--seed",
        "--steps",
        "--step-size",
        "--restarts",
        "--targets",
        "--queries",
        "--until-broken",
        "--noise",
        "--eot",
        "--certify",
        "--no-checks",
        "--save-every"
    };

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "a classifier: config.json, which may give mean and std of the channels, and the weights")
    private Path model = Path.of("");

    @Option(
            names = "--inputs",
            required = true,
            paramLabel = "IN.npz",
            description = "images, U8 [N, H, W, C] or F32 [N, C, H, W] in [0, 1], and labels [N]")
    private Path inputs = Path.of("");

    @Option(
            names = "--outputs",
            paramLabel = "OUT.npz",
            description =
                    "robust/NAME [N]; adversarial [N, C, H, W] and norm [N] of the last attack; verdict [N]: 1 robust, -1 broken, 0 undecided; radius [N] where nothing breaks it, if a bound is known; settings/NAME [N], how")
    private @Nullable Path outputs;

    @Option(names = "--attacks", paramLabel = "NAME", split = ",", description = "which, separated by commas")
    private List<String> attacks = new ArrayList<>();

    @Option(names = "--norm", required = true, paramLabel = "linf|l2", description = "how changes are measured")
    private String norm = "";

    @Option(
            names = "--eps",
            required = true,
            paramLabel = "E",
            converter = Fraction.Converter.class,
            description = "how large a change may be, for values in [0, 1]; 8/255 is read as a fraction")
    private Fraction eps;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "of all that is drawn (default: 0)")
    private long seed;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "images in the classifier at a time; results do not depend on it (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int batch;

    @Option(
            names = "--step-size",
            paramLabel = "A",
            converter = Fraction.Converter.class,
            description = "of pgd (default: 2.5 E / K)")
    private @Nullable Fraction stepSize;

    @Option(names = "--restarts", paramLabel = "R", description = "of all but fgsm (default: 1)")
    @Within(min = 1, max = 100_000)
    private @Nullable Integer restarts;

    @Option(
            names = "--until-broken",
            description =
                    "apgd ends at the first point that breaks an image, and fab-t at the first target: the same images, less work")
    private boolean untilBroken;

    @Option(names = "--no-checks", description = "leaves out the self-checks: whether the figures can be trusted")
    private boolean noChecks;

    @Option(
            names = "--verify",
            paramLabel = "OUT.npz",
            description =
                    "attacks nothing, but looks at the adversarial images of a result anew; exit 1 where they are not what it says")
    private @Nullable Path verify;

    @Mixin
    private AttackOptions options = new AttackOptions();

    @Mixin
    private ShardOption shards = new ShardOption();

    @Mixin
    private NoiseOptions noise = new NoiseOptions();

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private Devices devices = new Devices();

    AttackCommand() {}

    @Override
    public Integer call() {
        Budget budget = new Budget(AttackOptions.norm(norm, List.of(eps)), eps.value());
        return verify == null ? attack(budget) : verify(verify, budget);
    }

    private int attack(Budget budget) {
        Path file = required("--outputs", outputs);
        required("--attacks", attacks.isEmpty() ? null : attacks);
        checkAttacks();
        OutputFile.check(file, "--inputs", inputs);
        OutputFile.check(file, "--model", model);
        devices.require();
        AttackModel of = AttackModel.read(model);
        Victim victim = noise.settings().before(of.victim());
        AttackOptions.checkTargets(options.targets(), victim.classes());
        AttackInputs in = inputs(of);
        AttackSettings how = settings();
        new AttackSuite(victim, in.images(), budget, how, seed, batch, null, (name, done) -> {}).checkAll(attacks);
        Settings common = common(how);
        if (in.images().size() == 0) {
            spec.commandLine().getErr().println("shard %s has none of %d images".formatted(shards.shard(), in.all()));
            spec.commandLine().getErr().flush();
            shard(file, in, common).write(null);
            return 0;
        }
        Path work = file.resolveSibling(file.getFileName() + WORK);
        try (RunFolder folder = RunFolder.claim(work, "attack", recorded(in, common))) {
            AttackShards.begin(file);
            AttackStore store = new AttackStore(folder, options.saveEvery());
            AttackOutputs out = attacked(of.victim(), victim, in, budget, how, store);
            out.write(file);
            if (!shards.shard().isWhole()) {
                shard(file, in, common).write(out);
            }
            folder.discard();
            out.warnings().forEach(w -> spec.commandLine().getErr().println(spec.qualifiedName() + ": warning: " + w));
            spec.commandLine().getErr().flush();
            spec.commandLine().getOut().print(out.toJson(shown()));
            spec.commandLine().getOut().flush();
        }
        return 0;
    }

    private AttackShards.Part shard(Path file, AttackInputs in, Settings common) {
        return new AttackShards.Part(file, shards.shard(), in.all(), inputs, common, shown(), !noChecks);
    }

    private AttackInputs inputs(AttackModel of) {
        AttackInputs in = AttackInputs.read(inputs, of.victim().classes(), shards.shard());
        of.checkImages(inputs, in.images().shape());
        return in;
    }

    private <T> T required(String option, @Nullable T value) {
        if (value == null) {
            throw new Misuse(option + ": is needed, unless there is --verify");
        }
        return value;
    }

    private int verify(Path result, Budget budget) {
        GivenOptions.of(spec).refuse("--verify attacks nothing", VERIFY_IGNORES);
        devices.require();
        AttackModel of = AttackModel.read(model);
        AttackInputs in = inputs(of);
        if (in.images().size() == 0) {
            throw new Misuse("%s: %s has none of %d images".formatted(ShardOption.NAME, shards.shard(), in.all()));
        }
        AttackVerifier verifier = new AttackVerifier(result);
        List<String> misses = verifier.misses(of.victim(), in, budget, batch);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("attack", verifier.attack());
        json.put("images", in.images().size());
        json.put("misses", misses);
        spec.commandLine().getOut().print(JsonText.write(json));
        spec.commandLine().getOut().flush();
        if (!misses.isEmpty()) {
            throw new AttackException(
                    "%s: %d of what it says does not hold: %s".formatted(result, misses.size(), misses.getFirst()));
        }
        return 0;
    }

    private AttackOutputs attacked(
            Victim plain, Victim victim, AttackInputs in, Budget budget, AttackSettings how, AttackStore store) {
        Images images = in.images();
        AttackOutputs out = new AttackOutputs(in);
        out.add(budget, noise.settings());
        List<AttackSuite.Outcome> outcomes = new ArrayList<>();
        for (String name : attacks) {
            try (Progress progress = Progress.start(name, 0, images.size(), "images")) {
                AttackSuite suite = new AttackSuite(
                        victim, images, budget, how, seed, batch, store, (part, done) -> progress.at(done, part));
                outcomes.add(suite.run(name));
            }
            out.add(outcomes.getLast(), images);
        }
        try (Progress progress = Progress.start("certify", 0, images.size(), "images")) {
            TwoSided.of(
                            plain,
                            noise.settings(),
                            images,
                            TwoSided.strongest(outcomes.stream()
                                    .map(AttackSuite.Outcome::images)
                                    .toList()),
                            budget,
                            batch,
                            seed,
                            store,
                            done -> progress.at(done, ""))
                    .ifPresent(out::add);
        }
        if (!noChecks) {
            out.add(new SelfChecks(victim, images, budget, batch).of(outcomes));
        }
        return out;
    }

    private void checkAttacks() {
        AttackOptions.checkNames(attacks);
        if (new HashSet<>(attacks).size() < attacks.size()) {
            throw new Misuse("--attacks: " + String.join(",", attacks) + ": each may be named once");
        }
        GivenOptions given = GivenOptions.of(spec);
        for (String option : List.of("steps", "step-size", "restarts", "targets", "queries", "until-broken")) {
            if (attacks.stream().noneMatch(name -> Attacks.uses(name, option))) {
                List<String> users = Attacks.names().stream()
                        .filter(name -> Attacks.uses(name, option))
                        .toList();
                given.refuse("it is for " + String.join(", ", users), "--" + option);
            }
        }
        noise.check(given, List.of(norm));
        if (noise.settings().sigma() == 0 && attacks.stream().noneMatch(name -> Attacks.draws(name, settings()))) {
            given.refuse("nothing is drawn", "--seed");
        }
    }

    private AttackSettings settings() {
        return new AttackSettings(
                options.steps(),
                stepSize == null ? OptionalDouble.empty() : OptionalDouble.of(stepSize.value()),
                AttackOptions.optional(restarts),
                options.targets(),
                options.queries(),
                untilBroken);
    }

    /** What the results depend on. */
    private Settings recorded(AttackInputs in, Settings common) {
        return common.with("images", in.images().digest())
                .with(ShardFolders.SETTING, shards.shard().toString());
    }

    /** What the results depend on beside the images. */
    private Settings common(AttackSettings how) {
        Settings s = Settings.NONE
                .with("model", ModelDigest.of(model))
                .with("device", Session.current().device().name())
                .with("attacks", attacks)
                .with("norm", norm)
                .with("eps", eps.value())
                .with("seed", seed);
        s = noise.settings().recorded(s);
        for (Map.Entry<String, Object> e : given(how).entrySet()) {
            s = s.with(e.getKey(), e.getValue().toString());
        }
        return s;
    }

    /** Settings of attacks that are not the papers'. */
    private static Map<String, Object> given(AttackSettings how) {
        Map<String, Object> given = new LinkedHashMap<>();
        how.steps().ifPresent(n -> given.put("steps", n));
        how.stepSize().ifPresent(n -> given.put("step_size", n));
        how.restarts().ifPresent(n -> given.put("restarts", n));
        how.targets().ifPresent(n -> given.put("targets", n));
        how.queries().ifPresent(n -> given.put("queries", n));
        if (how.untilBroken()) {
            given.put("until_broken", true);
        }
        return given;
    }

    private Map<String, Object> shown() {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("norm", norm);
        shown.put("eps", eps.value());
        shown.put("seed", seed);
        shown.putAll(noise.settings().shown());
        shown.putAll(given(settings()));
        return shown;
    }
}
