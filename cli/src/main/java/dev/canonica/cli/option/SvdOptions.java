package dev.canonica.cli.option;

import dev.canonica.clarid.RandomizedSvd;
import picocli.CommandLine.Option;

/** How the singular value decomposition of a Jacobian is computed. */
public final class SvdOptions {
    @Option(
            names = "--tolerance",
            paramLabel = "R",
            defaultValue = "1e-3",
            description =
                    "stop when the residual of each wanted triple is at most R times its own sigma squared, so that all residuals over sigma_1 squared are at most R, too (default: ${DEFAULT-VALUE})")
    @Within(above = 0, below = 1)
    private double tolerance;

    @Option(
            names = "--sweeps",
            paramLabel = "Q",
            defaultValue = "20",
            description =
                    "at most Q passes of J and its transpose, each of N + P vectors for N directions (default: ${DEFAULT-VALUE})")
    @Within(min = 1)
    private int sweeps;

    @Option(
            names = "--oversample",
            paramLabel = "P",
            defaultValue = "2",
            description =
                    "extra vectors in a block: 1 + P at a time, P no more than the N directions wanted, or N + P where singular values are alike (default: ${DEFAULT-VALUE})")
    @Within(min = 0)
    private int oversample;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "of everything random (default: ${DEFAULT-VALUE})")
    private long seed;

    /** The defaults; picocli sets what the command line gives. */
    public SvdOptions() {}

    /**
     * The solver as the options ask for it.
     *
     * @param rank n, leading triples that are computed
     * @param probes random directions behind the bound on what is left; 0 for no bound
     */
    public RandomizedSvd svd(int rank, int probes) {
        return new RandomizedSvd(rank, oversample, sweeps, tolerance, probes, seed);
    }

    /** The number that everything random of the command is drawn from. */
    public long seed() {
        return seed;
    }
}
