package dev.canonica.models.family;

import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.FlowSampler;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.diffusion.SchedulerFile;
import java.nio.file.Path;
import java.util.Optional;

/** The sampler that a model is used with. */
public final class ModelSamplers {
    private ModelSamplers() {}

    /** The settings that come with a model, if any do; what was made of another scheduler's file is said. */
    public static Optional<SamplerConfig> settings(Path model) {
        Optional<SchedulerFile> file = ModelDirectory.scheduler(model);
        file.ifPresent(f -> Notes.say(f.notes()));
        return file.map(SchedulerFile::config);
    }

    /** The settings that a model is used with unless others are asked for: those that come with it, or else DiT's. */
    public static SamplerConfig settingsOrDit(Path model) {
        return settings(model).orElse(SamplerConfig.DIT);
    }

    /** A flow's sampler, or that of the settings that come with a model, or else DiT's. */
    public static Sampler of(Path model, DenoisingModel network, int steps) {
        return network.isFlow() ? new FlowSampler(steps) : settingsOrDit(model).sampler(steps);
    }
}
