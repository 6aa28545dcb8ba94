package dev.canonica.cli.audit;

import java.util.Locale;

/**
 * A small case of an equation whose result is known: by hand, in closed form or from the paper.
 *
 * @param equation its title
 * @param what was held to what, in words
 * @param error how far what was computed lies from what is known, relative to it or as {@code what} says
 * @param allowed the greatest that passes
 */
public record KnownCase(String equation, String what, double error, double allowed) {
    /** NaN is a miss. */
    boolean misses() {
        return !(error <= allowed);
    }

    /** A line for a miss. */
    String miss() {
        return String.format(Locale.ROOT, "%s: %s: error %.1e, allowed %.1e", equation, what, error, allowed);
    }
}
