package dev.canonica.cli.option;

import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.clarid.OwnSetting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a command does of the method where it is told nothing else: a model's own setting (its {@value OwnSetting#FILE}), where it has none the paper's. */
public final class MethodDefaults {
    private final OwnSetting own;
    private final GivenOptions given;
    private final SamplerOptions sampler;
    private final ProjectionOptions projections;

    private MethodDefaults(OwnSetting own, GivenOptions given, SamplerOptions sampler, ProjectionOptions projections) {
        this.own = own;
        this.given = given;
        this.sampler = sampler;
        this.projections = projections;
    }

    /**
     * Those of a model; its projection becomes that of the options, where they name none.
     *
     * @param counted whether a number of directions is named: then a projection that has none is not taken
     */
    public static MethodDefaults of(
            Path model, GivenOptions given, boolean counted, SamplerOptions sampler, ProjectionOptions projections) {
        OwnSetting own = OwnSetting.of(model);
        projections.take(own, counted);
        return new MethodDefaults(own, given, sampler, projections);
    }

    /** The paper's alone, where nothing is asked that a model's own setting says. */
    public static MethodDefaults ofPaper(GivenOptions given, SamplerOptions sampler, ProjectionOptions projections) {
        return new MethodDefaults(OwnSetting.NONE, given, sampler, projections);
    }

    /** The layer whose features are differentiated, where the command or the model names one. */
    public Optional<String> layer(@Nullable String named) {
        return named != null ? Optional.of(named) : own.layer();
    }

    /** t_e, a fraction of the steps. */
    public double te() {
        return sampler.te(own.te().orElse(CanonicalPipeline.TE));
    }

    /**
     * The options that say what was taken of the model's own setting.
     *
     * @param layer that the command line names
     */
    public List<String> taken(@Nullable String layer) {
        List<String> words = new ArrayList<>();
        if (layer == null) {
            own.layer().ifPresent(taken -> words.addAll(List.of("--layer", taken)));
        }
        if (!given.named("--te")) {
            own.te().ifPresent(te -> words.addAll(List.of("--te", Double.toString(te))));
        }
        words.addAll(projections.taken());
        return words;
    }
}
