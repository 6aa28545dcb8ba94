package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.learning.Decay;
import java.util.List;
import picocli.CommandLine.Option;

/** How the learning rate of a training goes down after its warm-up. */
public final class DecayOptions {
    private static final List<String> KINDS = List.of("cosine", "steps");

    @Option(
            names = "--decay",
            paramLabel = "NAME",
            defaultValue = "cosine",
            description =
                    "how the learning rate goes down after the warm-up: cosine, or steps, at --milestones (default: ${DEFAULT-VALUE})")
    private String kind = "cosine";

    @Option(
            names = "--milestones",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "0.5,0.75",
            description =
                    "of --decay steps: the shares of the training after which the rate falls (default: ${DEFAULT-VALUE})")
    private List<Double> milestones = List.of();

    @Option(
            names = "--drop",
            paramLabel = "F",
            defaultValue = "0.1",
            description = "of --decay steps: what the rate is multiplied by at each (default: ${DEFAULT-VALUE})")
    @Within(above = 0, below = 1)
    private double drop;

    DecayOptions() {}

    /** The decay; options that have no effect are refused. */
    public Decay decay(GivenOptions given) {
        Misuse.unlessOneOf("--decay", kind, KINDS);
        if (kind.equals("cosine")) {
            given.refuse("the rate follows a cosine (--decay cosine)", "--milestones", "--drop");
            return Decay.COSINE;
        }
        try {
            return new Decay(milestones, drop);
        } catch (IllegalArgumentException e) {
            throw new Misuse("--milestones: %s: ascending shares between 0 and 1 are needed".formatted(milestones));
        }
    }
}
