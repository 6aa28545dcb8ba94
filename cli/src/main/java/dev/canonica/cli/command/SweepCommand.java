package dev.canonica.cli.command;

import dev.canonica.clarid.OwnSetting;
import dev.canonica.clarid.study.Control;
import dev.canonica.clarid.study.FittingImages;
import dev.canonica.clarid.sweep.Judge;
import dev.canonica.clarid.sweep.Sweep;
import dev.canonica.clarid.sweep.SweepPage;
import dev.canonica.clarid.sweep.SweepPlan;
import dev.canonica.clarid.sweep.SweepResults;
import dev.canonica.clarid.sweep.SweepSetting;
import dev.canonica.cli.option.Devices;
import dev.canonica.cli.option.GivenImages;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Once;
import dev.canonica.cli.option.Precision;
import dev.canonica.cli.option.ProductOptions;
import dev.canonica.cli.option.PromptOptions;
import dev.canonica.cli.option.SamplerOptions;
import dev.canonica.cli.option.Sets;
import dev.canonica.cli.option.ShardOption;
import dev.canonica.cli.option.Subject;
import dev.canonica.cli.option.SvdOptions;
import dev.canonica.cli.option.Threads;
import dev.canonica.cli.option.VaeOption;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.sweep.ClassifierOption;
import dev.canonica.cli.sweep.SweepGrid;
import dev.canonica.cli.sweep.SweepNeeds;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.cli.terminal.Progress;
import dev.canonica.data.run.RunFolder;
import dev.canonica.data.run.Shard;
import dev.canonica.data.run.ShardFolders;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.WorkListener;
import dev.canonica.tensor.io.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code canonica sweep}. */
@Command(
        name = "sweep",
        description = {
            "Settings of the method by measurement: all of a grid on the same images, beside controls, with intervals; chosen on one half of the images and"
                    + " reported on the other. Axes: te, layer, output (features, x0, difference), n, k (a number, adaptive, evidence[:E]), projection, strength, map (regions, plain),"
                    + " replace, norm, tr, feature-layer, guidance.",
            "The same command goes on where it was stopped."
        },
        subcommands = SweepTeCommand.class)
public final class SweepCommand implements Callable<Integer> {
    /** The kind of run that the folder says it is of. */
    private static final String KIND = "sweep";

    /** Products that a decomposition takes, about. */
    private static final int PRODUCTS = 20;

    /** Controls unless others are named. */
    private static final List<String> BESIDE = List.of("shrunk", "local_shrink", "guidance");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "a diffusion model: its folder, or that of a diffusers pipeline")
    private @Nullable Path model;

    @Option(
            names = "--data",
            paramLabel = "SET",
            description = "a data set (see canonica data), folder, zip or IDX file; SET?side=N crops and resizes")
    private @Nullable String data;

    @Option(names = "--data-dir", paramLabel = "DIR", description = "where data sets are looked for first")
    private @Nullable Path dataDir;

    @Option(names = "--out", paramLabel = "DIR", description = "the folder of the results")
    private @Nullable Path out;

    @Option(
            names = "--grid",
            paramLabel = "NAME=V,…",
            description = "the values of an axis: te=0.3,0.4; each axis once, all values with all")
    private List<String> grids = new ArrayList<>();

    @Option(
            names = "--setting",
            paramLabel = "NAME=V,…",
            description = "one more setting: te=0.3,layer=blocks.2,k=1; may come several times")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--no-own",
            description =
                    "leave the model's own setting out (its clarid.json), which stands beside the others, or is marked where it is one of them")
    private boolean withoutOwn;

    @Option(
            names = "--controls",
            paramLabel = "NAME,…",
            split = ",",
            description =
                    "what stands beside the settings (default: shrunk,local_shrink,guidance where there are such, and local_shrink_norm where a setting restores the norm)")
    private List<String> controls = new ArrayList<>();

    @Mixin
    private ClassifierOption classifier = new ClassifierOption();

    @Option(
            names = "--batch",
            paramLabel = "B",
            defaultValue = "16",
            description = "images at a time, and in a stored part (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int batch;

    @Option(
            names = "--pictures",
            paramLabel = "N",
            defaultValue = "6",
            description = "images that the page shows (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private int pictures;

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
    private ShardOption shards = new ShardOption();

    @Mixin
    private GivenImages images = new GivenImages();

    @Mixin
    private PromptOptions prompts = new PromptOptions();

    @Mixin
    private SamplerOptions sampler = new SamplerOptions();

    @Mixin
    private SvdOptions svd = new SvdOptions();

    @Mixin
    private Threads threads = new Threads();

    @Mixin
    private ProductOptions products = new ProductOptions();

    @Mixin
    private Devices devices = new Devices();

    SweepCommand() {}

    @Override
    public Integer call() {
        GivenOptions given = GivenOptions.of(spec);
        Path network = needed("--model", model);
        String images = needed("--data", data);
        Path folder = needed("--out", out);
        sampler.checkNames();
        prompts.checkNames();
        products.check(given, dtype.dtype());
        given.refuse("the grid says it: --grid te=…", "--te");
        given.refuse("the grid says it: --grid guidance=…", "--guidance");
        SweepGrid grid = new SweepGrid(grids, settings);
        checkControls();
        devices.require();
        try (ImageSet all = Sets.open(images, dataDir)) {
            ImageSet readable = this.images.readable(all);
            Subject subject = Subject.of(network, vae.folder(), readable, classIds, prompts, dtype.dtype());
            ImageSet set = this.images.fitted(readable, subject);
            SweepPlan plan = plan(subject, set, grid, network);
            sweep(plan, folder);
        }
        return 0;
    }

    private <T> T needed(String option, @Nullable T value) {
        if (value == null) {
            throw new ParameterException(spec.commandLine(), "Missing required option: '" + option + "'");
        }
        return value;
    }

    private void checkControls() {
        List<String> known = Arrays.stream(Control.values()).map(Control::id).toList();
        controls.forEach(name -> Misuse.unlessOneOf("--controls", name, known));
        Once.check("--controls", controls);
    }

    /** Those that were named, which have to be possible here, or those usual ones that are. */
    private List<Control> controls(List<SweepSetting> of, Subject subject, ImageSet set) {
        List<String> named = new ArrayList<>(controls.isEmpty() ? BESIDE : controls);
        if (controls.isEmpty() && of.stream().anyMatch(s -> s.replacement().norm())) {
            named.add(Control.LOCAL_SHRINK_NORM.id());
        }
        List<Control> all = new ArrayList<>();
        for (Control control : Control.values()) {
            if (named.contains(control.id())) {
                Optional<String> unmet = SweepNeeds.of(control, subject, set);
                if (unmet.isPresent() && !controls.isEmpty()) {
                    throw new Misuse("--controls: %s: has no effect here: %s".formatted(control.id(), unmet.get()));
                }
                if (unmet.isEmpty()) {
                    all.add(control);
                }
            }
        }
        return all;
    }

    private SweepPlan plan(Subject subject, ImageSet set, SweepGrid grid, Path network) {
        sampler.checkGuidance(subject.model(), subject.conditions().of(0));
        Sampler levels = sampler.sampler(network, subject.model());
        List<SweepSetting> all = new ArrayList<>(grid.settings(levels, subject.model()));
        Optional<SweepSetting> own = SweepGrid.own(all, OwnSetting.of(network), levels, subject.model());
        if (withoutOwn && own.isEmpty()) {
            throw new Misuse("--no-own: has no effect here: %s says no layer and projection"
                    .formatted(network.resolve(OwnSetting.FILE)));
        }
        Optional<SweepSetting> known = withoutOwn ? Optional.empty() : own;
        known.filter(setting -> !all.contains(setting)).ifPresent(all::add);
        FittingImages.check(
                set, set.size(), subject.model(), subject.codec(), subject.conditions(), subject.condition());
        long numbers = subject.codec().latentShape(set.shape()).size();
        for (SweepSetting s : all) {
            SweepNeeds.check(s, subject);
            if (s.n() > numbers) {
                throw new Misuse("--grid: n=%d; a number from 1 to %d is needed, the numbers of a latent"
                        .formatted(s.n(), numbers));
            }
            for (String layer : List.of(s.layer(), s.featureLayer())) {
                if (!subject.model().layers().contains(layer)) {
                    throw new ModelException("--grid: no layer '%s'; the model has %s"
                            .formatted(layer, String.join(", ", subject.model().layers())));
                }
            }
        }
        Map<String, String> description = new LinkedHashMap<>(subject.description());
        ProductOptions.describe(description);
        Judge judge = classifier.judge(set, description);
        return new SweepPlan(
                all,
                known,
                controls(all, subject, set),
                subject.model(),
                levels,
                sampler.inversion(),
                svd.svd(1, 0),
                subject.codec(),
                subject.conditions(),
                subject.condition(),
                judge,
                set,
                batch,
                pictures,
                description);
    }

    private void sweep(SweepPlan plan, Path folder) {
        GivenOptions given = GivenOptions.of(spec);
        Shard shard = shards.shard();
        int batches = Sweep.batches(plan.set().size(), batch);
        int first = shard.from(batches); // whole batches: a part is of one shard
        int last = shard.to(batches);
        Sweep sweep = new Sweep(plan, folder, first, last);
        Settings all = ShardFolders.of(sweep.settings(), shard);
        try (RunFolder claimed = RunFolder.claim(folder, KIND, all)) {
            ShardFolders.begin(claimed);
            if (first < last) {
                SweepResults results = sweep(plan, sweep, claimed);
                claimed.begin();
                SweepPage.write(results, all.shown(), given.anywhere(), folder.resolve("report.html"));
                System.err.println(results.reason());
                System.err.println("report: " + folder.resolve("report.html"));
            } else {
                System.err.println("shard %s has none of %d batches of %d".formatted(shard, batches, batch));
            }
            images.list(folder);
            if (!shard.isWhole()) {
                ShardFolders.done(claimed, shard, given.words(), List.of());
            }
        }
    }

    private SweepResults sweep(SweepPlan plan, Sweep sweep, RunFolder claimed) {
        try (Progress progress = started(plan, sweep)) {
            return WorkListener.giving(progress::piece, () -> sweep.run(claimed, done -> progress.at(done, "")));
        }
    }

    /** A way up, a way down for each setting and control, and the decompositions. */
    private Progress started(SweepPlan plan, Sweep sweep) {
        int level = plan.settings().stream().mapToInt(plan::level).max().orElse(1);
        int ways = plan.settings().size()
                + plan.controls().stream().mapToInt(c -> c.grid().length).sum();
        return Progress.start("sweeping", 0, sweep.images(), "images")
                .inPieces(Math.min(batch, sweep.images()), level * (ways + 1) + PRODUCTS);
    }
}
