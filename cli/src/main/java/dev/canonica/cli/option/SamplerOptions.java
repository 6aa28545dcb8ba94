package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.Denoiser;
import dev.canonica.models.diffusion.FlowSampler;
import dev.canonica.models.diffusion.Guidance;
import dev.canonica.models.diffusion.NoiseSchedule;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.diffusion.StepsException;
import dev.canonica.models.family.ModelSamplers;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The sampler options that several commands share. What is not given is as the model's scheduler_config.json says, or as DiT's own code does. */
public final class SamplerOptions {
    private static final List<String> PREDICTIONS = List.of("epsilon", "v_prediction", "sample", FlowSampler.VELOCITY);
    private static final List<String> SPACINGS = List.of("leading", "trailing", "linspace", "guided");
    private static final List<String> INVERSIONS = List.of("guided", "diffusers");

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--schedule",
            paramLabel = "NAME",
            description = "linear, scaled_linear, squaredcos_cap_v2 or sigmoid")
    private @Nullable String schedule;

    @Option(names = "--beta-start", paramLabel = "B", description = "first beta of the schedule")
    @Within(above = 0, below = 1)
    private @Nullable Double betaStart;

    @Option(names = "--beta-end", paramLabel = "B", description = "last beta of the schedule")
    @Within(above = 0, below = 1)
    private @Nullable Double betaEnd;

    @Option(names = "--train-steps", paramLabel = "T", description = "timesteps of the schedule")
    @Within(min = 1, max = NoiseSchedule.MAX_STEPS)
    private @Nullable Integer trainSteps;

    @Option(
            names = "--prediction",
            paramLabel = "WHAT",
            description = "what the model predicts: epsilon, v_prediction or sample; velocity of a flow (SiT)")
    private @Nullable String prediction;

    @Option(
            names = "--steps",
            paramLabel = "S",
            defaultValue = "50",
            description = "steps of the sampler (default: ${DEFAULT-VALUE})")
    @Within(min = 1, max = NoiseSchedule.MAX_STEPS)
    private int steps;

    @Option(
            names = "--spacing",
            paramLabel = "HOW",
            description = "leading, trailing, linspace or guided (guided-diffusion's ddimS)")
    private @Nullable String spacing;

    @Option(names = "--steps-offset", paramLabel = "N", description = "added to every timestep of leading spacing")
    @Within(min = 0)
    private @Nullable Integer offset;

    @Option(
            names = "--set-alpha-to-one",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "the last step ends at alpha 1, not at that of timestep 0")
    private @Nullable Boolean alphaToOne;

    @Option(
            names = "--te",
            paramLabel = "FRACTION",
            description =
                    "the inversion time t_e as a fraction of the steps; 1.0 is the last level (default: that of the model's clarid.json, else 0.8; for sample 1.0)")
    @Within(min = 0, max = 1)
    private @Nullable Double te;

    @Option(
            names = "--guidance",
            paramLabel = "W",
            defaultValue = "1",
            description = "classifier-free guidance in decoding (default: off)")
    private double guidance;

    @Option(
            names = "--guidance-channels",
            paramLabel = "all|N",
            defaultValue = "all",
            description = "guide all channels, or the first N (DiT's own code: 3)")
    private String guidanceChannels = "all";

    @Option(
            names = "--null-class",
            paramLabel = "ID",
            description = "the class that stands for no condition (default: the model's own, if it has one)")
    @Within(min = 0)
    private @Nullable Integer nullClass;

    @Option(
            names = "--inversion",
            paramLabel = "HOW",
            defaultValue = "guided",
            description = "guided or diffusers (default: ${DEFAULT-VALUE})")
    private String inversion = "guided";

    /** The defaults; picocli sets what the command line gives. */
    public SamplerOptions() {}

    /**
     * The sampler of a model, with what was given on the command line.
     *
     * @param network the model's
     */
    public Sampler sampler(Path model, DenoisingModel network) {
        if (network.isFlow()) {
            checkFlow();
            return possible(given(), () -> ModelSamplers.of(model, network, steps));
        }
        if (FlowSampler.VELOCITY.equals(prediction)) {
            throw new Misuse("--prediction: velocity is of flows (SiT), which this model is none of");
        }
        Optional<SamplerConfig> own = ModelSamplers.settings(model);
        SamplerConfig base = own.orElse(SamplerConfig.DIT);
        String name = orElse(schedule, base.schedule());
        boolean scaled = schedule != null && name.equals("scaled_linear") && own.isEmpty();
        SamplerConfig c = new SamplerConfig(
                name,
                orElse(betaStart, scaled ? 0.00085 : base.betaStart()),
                orElse(betaEnd, scaled ? 0.012 : base.betaEnd()),
                orElse(trainSteps, base.trainSteps()),
                orElse(prediction, base.prediction()),
                orElse(spacing, base.spacing()),
                orElse(offset, base.offset()),
                orElse(alphaToOne, base.alphaToOne()),
                base.clip(),
                base.zeroSnr());
        GivenOptions given = given();
        if (c.schedule().equals("squaredcos_cap_v2")) {
            given.refuse("the schedule squaredcos_cap_v2 has no betas to choose", "--beta-start", "--beta-end");
        }
        if (!c.spacing().equals("leading")) {
            given.refuse("the spacing is " + c.spacing() + ", and only leading has an offset", "--steps-offset");
        }
        return possible(given, () -> c.sampler(steps));
    }

    /** A sampler, if there can be one of so many steps. */
    public static Sampler possible(GivenOptions given, Supplier<Sampler> sampler) {
        try {
            return sampler.get();
        } catch (StepsException e) {
            Stream<String> others = Stream.of("--steps", "--train-steps", "--spacing");
            String option = e.isOfOffset()
                    ? "--steps-offset"
                    : others.filter(given::named).findFirst().orElse("--steps");
            throw new Misuse(option + ": " + e.getMessage());
        }
    }

    /** Refuses what a flow has none of. */
    private void checkFlow() {
        GivenOptions given = given();
        given.refuse(
                "the model is a flow, which has no betas and no timesteps",
                "--schedule",
                "--beta-start",
                "--beta-end",
                "--train-steps",
                "--spacing",
                "--steps-offset",
                "--set-alpha-to-one");
        given.refuse("the velocity of a flow is taken where a step begins", "--inversion");
        if (prediction != null && !prediction.equals(FlowSampler.VELOCITY)) {
            throw new Misuse("--prediction: " + prediction + ", but the model is a flow, which predicts velocity");
        }
    }

    private GivenOptions given() {
        return GivenOptions.of(Objects.requireNonNull(command));
    }

    /** Refuses names that there are not, before anything is read. */
    public void checkNames() {
        Misuse.unlessOneOf("--schedule", schedule, NoiseSchedule.names());
        Misuse.unlessOneOf("--prediction", prediction, PREDICTIONS);
        Misuse.unlessOneOf("--spacing", spacing, SPACINGS);
        Misuse.unlessOneOf("--inversion", inversion, INVERSIONS);
        guidedChannels();
    }

    /**
     * Refuses options of guidance that have no effect on a model, and guidance where nothing stands for no condition.
     *
     * @param condition any that samples are under
     */
    public void checkGuidance(DenoisingModel model, Condition condition) {
        GivenOptions given = given();
        if (model.conditioning().contains(Condition.TEXTS)) {
            given.refuse("the model is conditioned on texts, not on classes", "--null-class");
        } else if (model.classes() == 0) {
            given.refuse("the model has no classes", "--guidance", "--guidance-channels", "--null-class");
        }
        if (guidance != 1 && nullClass == null && !model.canDrop(condition)) {
            throw new Misuse("--guidance: " + guidance + ": " + model.noNullCondition()
                    + (model.classes() > 0 ? "; --null-class can name one" : ""));
        }
        int last = Math.max(model.classes() - 1, model.nullClass().orElse(-1));
        if (nullClass != null && model.classes() > 0 && nullClass > last) {
            throw new Misuse("--null-class: %d; a number from 0 to %d is needed, the model's classes"
                    .formatted(nullClass, last));
        }
        int n = guidedChannels();
        if (n != Integer.MAX_VALUE && n > channels(model)) {
            throw new Misuse("--guidance-channels: %d; 'all' or a number from 1 to %d is needed, the model's channels"
                    .formatted(n, channels(model)));
        }
        if (guidance == 1) {
            given.refuse("there is no --guidance, or it is 1", "--guidance-channels", "--null-class");
        }
    }

    /** The name of the inversion. */
    public String inversionName() {
        return inversion;
    }

    private static <T> T orElse(@Nullable T given, T otherwise) {
        return given != null ? given : otherwise;
    }

    /** t_e, or {@code otherwise} if it was not given. */
    public double te(double otherwise) {
        return te != null ? te : otherwise;
    }

    /** How many channels are guided. */
    private int guidedChannels() {
        if (guidanceChannels.equals("all")) {
            return Integer.MAX_VALUE;
        }
        return Numbers.count(guidanceChannels)
                .orElseThrow(() -> new Misuse(
                        "--guidance-channels: '" + guidanceChannels + "' is neither 'all' nor a number of at least 1"));
    }

    /** The model as a denoiser with the guidance that was asked for. */
    public Denoiser guided(DenoisingModel model, Condition condition) {
        return guidance(model).of(model, condition);
    }

    /** The guidance of a model that was asked for, the same for the same whether it was said in words or numbers. */
    public Guidance guidance(DenoisingModel model) {
        int n = guidedChannels();
        return new Guidance(
                guidance,
                n == channels(model) ? Integer.MAX_VALUE : n,
                nullClass == null || model.nullClass().equals(OptionalInt.of(nullClass))
                        ? OptionalInt.empty()
                        : OptionalInt.of(nullClass));
    }

    private static int channels(DenoisingModel model) {
        return model.channels();
    }

    /**
     * Where an inversion step asks the network.
     *
     * @throws Misuse if {@code --inversion} names no such way
     */
    public DdimSampler.Inversion inversion() {
        return switch (inversion) {
            case "guided" -> DdimSampler.Inversion.GUIDED;
            case "diffusers" -> DdimSampler.Inversion.DIFFUSERS;
            default -> throw Misuse.choice("--inversion", inversion, INVERSIONS);
        };
    }
}
