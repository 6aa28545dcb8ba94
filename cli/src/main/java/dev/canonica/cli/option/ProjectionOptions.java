package dev.canonica.cli.option;

import dev.canonica.clarid.EvidenceMap;
import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.OwnSetting;
import dev.canonica.clarid.Projection;
import dev.canonica.clarid.Regions;
import dev.canonica.clarid.Replacement;
import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is removed from a latent, where, how much of it, and what comes in its place. */
public final class ProjectionOptions {
    /** Those that mean a number of directions. */
    private static final String[] COUNTS = {"--k", "--rank", "--oversample"};

    private static final String[] MAP = {
        "--map", "--map-signals", "--map-noises", "--map-classes", "--map-blur", "--map-percentile"
    };

    private static final String[] REGIONS = {"--map-floor", "--map-colour"};

    @Option(
            names = "--k",
            paramLabel = "adaptive|INT",
            defaultValue = "adaptive",
            description =
                    "directions to remove: the elbow of each image's spectrum, or a number (default: ${DEFAULT-VALUE})")
    private String k = "adaptive";

    @Option(
            names = "--projection",
            paramLabel = "HOW",
            description =
                    "what is removed: topk, the k strongest directions; multistep, the same at t_e and again on the way down; selective, the k that"
                            + " carry least of the class; local, topk where a map of the class says that there is little of it; local-soft, a damped"
                            + " projection by that map; evidence, a damped projection that spares what the class depends on (default: the model's own, where its clarid.json names one, unless that has a strength and a number of directions is given; else topk)")
    private @Nullable String projection;

    @Option(
            names = "--strength",
            paramLabel = "R",
            description =
                    "of local-soft and evidence: the damping over the greatest squared singular value, smaller is stronger (default: 3 for local-soft, 1 for evidence)")
    @Within(above = 0)
    private @Nullable Double strength;

    @Option(
            names = "--weight",
            paramLabel = "M",
            defaultValue = "30",
            description =
                    "of evidence: how much dearer a change is that the class depends on most (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double weight;

    @Option(
            names = "--selection",
            paramLabel = "evidence|greedy",
            defaultValue = "evidence",
            description =
                    "of selective: by the class evidence of each direction, or one after another, by that of all that is removed of the image (default: ${DEFAULT-VALUE})")
    private String selection = "evidence";

    @Option(
            names = "--map",
            paramLabel = "regions|plain",
            description =
                    "of local and local-soft: where the class is; regions, the part of the image that the class changes most beyond what the model is unsure of, by colours that are alike; plain, how much it changes each pixel (default: regions)")
    private @Nullable String map;

    @Option(
            names = "--map-signals",
            paramLabel = "A,…",
            split = ",",
            description =
                    "the noise levels of the map, by their share of signal (default: 0.97,0.49; of a plain one 0.94,0.79)")
    @Within(above = 0, below = 1)
    private @Nullable List<Double> signals;

    @Option(
            names = "--map-noises",
            paramLabel = "N",
            defaultValue = "2",
            description = "draws of noise at each; regions need two at least (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int noises;

    @Option(
            names = "--map-classes",
            paramLabel = "N",
            description =
                    "other classes that an image is compared under; 0 for no condition (default: 2, or as many as the model has)")
    @Within(min = 0)
    private @Nullable Integer classes;

    @Option(
            names = "--map-blur",
            paramLabel = "SIGMA",
            defaultValue = "1.5",
            description =
                    "standard deviation of the blur of the class's effect, in pixels of the model's samples (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private double blur;

    @Option(
            names = "--map-percentile",
            paramLabel = "SHARE",
            description =
                    "of a plain map: the share of the area that is changed more than half, about that of the background; of regions: the least share of the background (default: 0.6; 0.4)")
    @Within(above = 0, below = 1)
    private @Nullable Double percentile;

    @Option(
            names = "--map-floor",
            paramLabel = "L",
            description =
                    "of regions: what is added to the model's uncertainty, in units of its samples (default: 0.1)")
    @Within(above = 0)
    private @Nullable Double floor;

    @Option(
            names = "--map-colour",
            paramLabel = "H",
            description =
                    "of regions: how far apart like colours are, as a share of the spread of the image's colours (default: 0.15)")
    @Within(above = 0)
    private @Nullable Double colour;

    @Option(
            names = "--replace",
            paramLabel = "zero|mean|noise",
            defaultValue = "zero",
            description =
                    "what comes in the place of what is removed: nothing, the class's mean or noise (default: ${DEFAULT-VALUE})")
    private String replace = "zero";

    @Option(
            names = "--restore-norm",
            negatable = true,
            description =
                    "stretch what is left to the norm of the latent (default: what the model's clarid.json says, with its projection; else no)")
    private @Nullable Boolean restoreNorm;

    private Projection usual = new Projection.TopK();
    private boolean restored; // with the usual projection
    private boolean taken; // the usual projection, from the model

    /** The defaults; picocli sets what the command line gives. */
    public ProjectionOptions() {}

    /** Whether the command line names a number of directions. */
    public static boolean counted(GivenOptions given) {
        return Arrays.stream(COUNTS).anyMatch(given::named);
    }

    /** Takes a model's own projection for that which is used where none is named: unless a number of directions is, and it has none. */
    void take(OwnSetting own, boolean counted) {
        own.projection()
                .filter(projection -> this.projection != null || projection.counts() || !counted)
                .ifPresent(projection -> {
                    usual = projection;
                    restored = own.replacement().norm();
                    taken = true;
                });
    }

    /** The options that say what was taken of the model's own projection. */
    public List<String> taken() {
        List<String> words = new ArrayList<>();
        if (!taken || named() != usual) {
            return words;
        }
        if (projection == null) {
            words.addAll(List.of("--projection", usual.title()));
        }
        if (usual instanceof Projection.Soft soft && strength == null) {
            words.addAll(List.of("--strength", Double.toString(soft.strength())));
        }
        usual.recipe()
                .filter(own -> map == null && !own.equals(EvidenceMap.DEFAULT))
                .ifPresent(own -> words.addAll(List.of("--map", own.title())));
        if (restored && restoreNorm == null) {
            words.add("--restore-norm");
        }
        return words;
    }

    private Projection named() {
        if (projection == null) {
            return usual;
        }
        Projection named = Removal.projection(projection);
        return named.title().equals(usual.title()) ? usual : named;
    }

    /** Refuses options that the projection does not heed, and words that mean nothing. */
    public void check(GivenOptions given) {
        Projection how = named();
        String name = how.title();
        if (!(how instanceof Projection.Soft)) {
            given.refuse(name + " has no strength", "--strength");
        } else {
            given.refuseNamed(name + " has a strength and no number of directions", "--k");
        }
        if (!(how instanceof Projection.Evidence)) {
            given.refuse("it is for evidence", "--weight");
        }
        if (!(how instanceof Projection.Selective)) {
            given.refuse("it is for selective", "--selection");
        }
        if (how.recipe().isEmpty()) {
            given.refuse("it is for local, local-soft", MAP);
            given.refuse("it is for local, local-soft", REGIONS);
        } else if (mapOf(how).regions().isEmpty()) {
            given.refuse("a plain map has no regions", REGIONS);
        } else if (noises < 2) {
            throw new Misuse("--map-noises: " + noises + "; regions need 2 at least; --map plain takes one");
        }
        if (Boolean.FALSE.equals(restoreNorm) && !(restored && how == usual)) {
            throw new Misuse("--no-restore-norm: has no effect here: nothing restores the norm");
        }
        selection();
        replacement();
    }

    /** Refuses options of a singular value decomposition where the projection needs none. */
    public void refuseBlocks(GivenOptions given, String... names) {
        Projection how = named();
        if (!how.counts()) {
            given.refuseNamed(how.title() + " needs no decomposition", names);
        }
    }

    /**
     * The projection that was named, with these numbers.
     *
     * @param seed of the map's noise
     */
    public Projection projection(DenoisingModel model, long seed) {
        return switch (named()) {
            case Projection.TopK topk -> topk;
            case Projection.Multistep multistep -> multistep;
            case Projection.Selective(Projection.Selective.Choice _) -> new Projection.Selective(selection());
            case Projection.Local local -> new Projection.Local(map(local, model, seed));
            case Projection.LocalSoft soft ->
                new Projection.LocalSoft(map(soft, model, seed), strength == null ? soft.strength() : strength);
            case Projection.Evidence(double own, double _) ->
                new Projection.Evidence(strength == null ? own : strength, weight);
        };
    }

    /**
     * Refuses a projection that asks of a model what it cannot be asked.
     *
     * @param how of {@link #projection}
     * @param c under which samples are
     */
    public void checkModel(Projection how, DenoisingModel model, Condition c) {
        how.unmet(model, c).ifPresent(why -> {
            throw new Misuse(
                    classes != null && how.recipe().isPresent()
                            ? "--map-classes: " + classes + ": " + why
                            : "--projection: " + how.title() + ": " + why);
        });
    }

    private Projection.Selective.Choice selection() {
        return switch (selection) {
            case "evidence" -> Projection.Selective.Choice.EVIDENCE;
            case "greedy" -> Projection.Selective.Choice.GREEDY;
            default -> throw Misuse.choice("--selection", selection, List.of("evidence", "greedy"));
        };
    }

    /** The recipe that was named, or the projection's own. */
    private EvidenceMap mapOf(Projection how) {
        Misuse.unlessOneOf("--map", map, EvidenceMap.NAMES);
        return map == null ? how.recipe().orElse(EvidenceMap.DEFAULT) : EvidenceMap.of(map);
    }

    private EvidenceMap map(Projection how, DenoisingModel model, long seed) {
        EvidenceMap usual = mapOf(how);
        EvidenceMap recipe = new EvidenceMap(
                signals == null ? usual.signals() : signals,
                noises,
                classes == null ? usual.classes() : classes,
                blur,
                percentile == null ? usual.percentile() : percentile,
                seed,
                usual.regions()
                        .map(r ->
                                new Regions(floor == null ? r.floor() : floor, colour == null ? r.colour() : colour)));
        return classes == null ? recipe.fitting(model) : recipe;
    }

    /** What comes in the place of what is removed. */
    public Replacement replacement() {
        try {
            boolean norm = restoreNorm == null ? restored && named() == usual : restoreNorm;
            return new Replacement(Replacement.fill(replace), norm);
        } catch (IllegalArgumentException e) {
            throw new Misuse("--" + e.getMessage());
        }
    }

    /** How many of {@code rank} directions are removed; of no effect on projections with a strength. */
    public KChoice choice(int rank) {
        return Removal.choice(k, rank);
    }
}
