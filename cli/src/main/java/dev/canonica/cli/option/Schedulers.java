package dev.canonica.cli.option;

import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.diffusion.SchedulerFile;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.tensor.CanonicaException;
import java.nio.file.Path;
import java.util.Optional;

/** The sampler's settings that come with a model, for a command that says how they were read. */
public final class Schedulers {
    private Schedulers() {}

    /** The settings of a model, if there are any; what was made of another scheduler's is said on standard error. */
    public static Optional<SamplerConfig> of(Path model) {
        Optional<SchedulerFile> file = ModelDirectory.scheduler(model);
        file.ifPresent(
                f -> f.notes().forEach(note -> System.err.println("canonica: " + CanonicaException.shown(note))));
        return file.map(SchedulerFile::config);
    }
}
