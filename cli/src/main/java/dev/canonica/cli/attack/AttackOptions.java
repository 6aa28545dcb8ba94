package dev.canonica.cli.attack;

import dev.canonica.cadistill.attack.budget.Linf;
import dev.canonica.cadistill.attack.budget.Norm;
import dev.canonica.cadistill.attack.method.ApgdRun;
import dev.canonica.cadistill.attack.method.ApgdTargeted;
import dev.canonica.cadistill.attack.method.Attacks;
import dev.canonica.cadistill.attack.method.Pgd;
import dev.canonica.cadistill.attack.method.Square;
import dev.canonica.cli.option.Fraction;
import dev.canonica.cli.option.Within;
import dev.canonica.cli.terminal.Misuse;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How much is done by attacks, for the commands that attack. */
public final class AttackOptions {
    /** The defaults; picocli sets what the command line gives. */
    public AttackOptions() {}

    @Option(
            names = "--steps",
            paramLabel = "K",
            description = "of pgd (default: " + Pgd.STEPS + "), apgd and fab (default: " + ApgdRun.STEPS + ")")
    @Within(min = 1, max = 1_000_000)
    private @Nullable Integer steps;

    @Option(
            names = "--targets",
            paramLabel = "T",
            description = "classes that apgd-t and fab-t lead to (default: " + ApgdTargeted.TARGETS + ")")
    @Within(min = 1)
    private @Nullable Integer targets;

    @Option(names = "--queries", paramLabel = "Q", description = "of square (default: " + Square.QUERIES + ")")
    @Within(min = 1, max = 100_000_000)
    private @Nullable Integer queries;

    @Option(
            names = "--save-every",
            paramLabel = "S",
            defaultValue = "20",
            description = "seconds between two writings of where an attack is (default: ${DEFAULT-VALUE})")
    @Within(min = 0, max = 86_400)
    private double saveEvery;

    /** Of PGD, APGD and FAB; empty where it is left to each. */
    public OptionalInt steps() {
        return optional(steps);
    }

    /** Of the targeted attacks; empty where it is left to each. */
    public OptionalInt targets() {
        return optional(targets);
    }

    /**
     * Refuses more targets than there are classes beside an image's own.
     *
     * @param targets as {@link #targets}
     * @param classes of the classifier
     */
    public static void checkTargets(OptionalInt targets, int classes) {
        if (targets.isPresent() && targets.getAsInt() > classes - 1) {
            throw new Misuse("--targets: %d; a number from 1 to %d is needed, the classes but an image's own"
                    .formatted(targets.getAsInt(), classes - 1));
        }
    }

    /** Of Square; empty where it is left to it. */
    public OptionalInt queries() {
        return optional(queries);
    }

    /** The time between two writings of where an attack is. */
    public Duration saveEvery() {
        return Duration.ofNanos((long) (saveEvery * 1e9));
    }

    /** An option's number, if it was given. */
    public static OptionalInt optional(@Nullable Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }

    /** The norm of a name that {@code --norm} gives, in which changes may be as large as {@code --eps} says. */
    public static Norm norm(String name, List<Fraction> eps) {
        Norm norm;
        try {
            norm = Norm.of(name);
        } catch (IllegalArgumentException e) {
            throw Misuse.choice("--norm", name, List.of("linf", "l2"));
        }
        if (norm instanceof Linf) {
            eps.forEach(e -> e.requireAtMostOne("--eps"));
        }
        return norm;
    }

    /** Refuses names of {@code --attacks} that there are no attacks of. */
    public static void checkNames(List<String> attacks) {
        attacks.forEach(name -> Misuse.unlessOneOf("--attacks", name, Attacks.names()));
    }
}
