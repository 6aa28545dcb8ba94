package dev.canonica.cli.attack;

import dev.canonica.cadistill.attack.bound.NoiseSettings;
import dev.canonica.cli.option.GivenOptions;
import dev.canonica.cli.option.Within;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Noise before the classifiers, for the commands that attack. */
public final class NoiseOptions {
    /** Their names. */
    public static final List<String> NAMES = List.of("--noise", "--eot", "--certify");

    /** The defaults; picocli sets what the command line gives. */
    public NoiseOptions() {}

    @Option(
            names = "--noise",
            paramLabel = "SIGMA",
            defaultValue = "0",
            description = "attacks the model with Gaussian noise before it, a randomised defence (default: none)")
    @Within(min = 0)
    private double noise;

    @Option(
            names = "--eot",
            paramLabel = "N",
            defaultValue = "1",
            description = "with noise: draws whose mean an answer is, expectation over transformations (default: 1)")
    @Within(min = 1)
    private int eot;

    @Option(
            names = "--certify",
            paramLabel = "N",
            description =
                    "with noise and l2: N draws for each image bound the radius within which the smoothed classifier does not change")
    @Within(min = 10, max = 100_000_000)
    private @Nullable Integer certify;

    /** Refuses what has no effect. */
    public void check(GivenOptions given, List<String> norms) {
        if (noise == 0) {
            given.refuse("without --noise every answer is the same", "--eot");
            given.refuse("it is of the classifier that --noise smooths", "--certify");
        }
        if (!norms.contains("l2")) {
            given.refuse("certificates are by l2", "--certify");
        }
    }

    /** The noise. */
    public NoiseSettings settings() {
        return new NoiseSettings(noise, eot, AttackOptions.optional(certify));
    }
}
