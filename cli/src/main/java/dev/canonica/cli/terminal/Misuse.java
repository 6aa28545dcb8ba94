package dev.canonica.cli.terminal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command that was misused, found out where its command line is not at hand: exit code 2. */
public final class Misuse extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Names the option, and what would be right. */
    public Misuse(String message) {
        super(message);
    }

    /** The refusal of a value of an option that is none of the possible ones. */
    public static Misuse choice(String option, String value, List<String> possible) {
        return new Misuse("%s: '%s' is not one of %s".formatted(option, value, String.join(", ", possible)));
    }

    /** Refuses a value of an option if it is none of the possible ones; null is what was not given. */
    public static void unlessOneOf(String option, @Nullable String value, List<String> possible) {
        if (value != null && !possible.contains(value)) {
            throw choice(option, value, possible);
        }
    }
}
