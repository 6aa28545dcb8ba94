package dev.canonica.cli.terminal;

import java.util.List;

/** A command that was misused, found out where its command line is not at hand: exit code 2. */
public final class Misuse extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Names the option, and what would be right. */
    public Misuse(String message) {
        super(message);
    }

    /** Refuses a value of an option that is none of the possible ones. */
    public static Misuse choice(String option, String value, List<String> possible) {
        return new Misuse("%s: '%s' is not one of %s".formatted(option, value, String.join(", ", possible)));
    }
}
