package dev.canonica.cli.option;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --vae}, for commands that take a model of latents. */
public final class VaeOption {
    @Option(
            names = "--vae",
            paramLabel = "DIR",
            description = "the autoencoder of a model of latents that does not come as a pipeline")
    private @Nullable Path vae;

    /** The defaults; picocli sets what the command line gives. */
    public VaeOption() {}

    /** The autoencoder's folder; null where none was given. */
    public @Nullable Path folder() {
        return vae;
    }
}
