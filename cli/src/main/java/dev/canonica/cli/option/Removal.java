package dev.canonica.cli.option;

import dev.canonica.clarid.KChoice;
import dev.canonica.clarid.Projection;
import dev.canonica.cli.terminal.Misuse;

/** What is removed from a latent, as {@code --k} and {@code --projection} say it. */
public final class Removal {
    private Removal() {}

    /** How many of {@code rank} directions are removed: {@code adaptive} or a number. */
    public static KChoice choice(String k, int rank) {
        if (k.equals("adaptive")) {
            return KChoice.ADAPTIVE;
        }
        int n = Numbers.count(k).orElse(0);
        if (n >= 1 && n <= rank) {
            return new KChoice(n);
        }
        throw new Misuse("--k: '" + k + "' is neither 'adaptive' nor a number from 1 to " + rank);
    }

    /** Refuses a projection that does nothing else at a level of t_e than {@code topk} does. */
    public static void check(Projection how, int level) {
        if (how instanceof Projection.Multistep
                && Projection.Multistep.levelsAgain(level).isEmpty()) {
            throw new Misuse("--projection: multistep has no effect here: --te says level " + level
                    + ", and there is none below at which it would remove again; topk does the same");
        }
    }

    /** The projection of a name. */
    public static Projection projection(String name) {
        try {
            return Projection.of(name);
        } catch (IllegalArgumentException e) {
            throw new Misuse("--" + e.getMessage());
        }
    }
}
