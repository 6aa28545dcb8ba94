package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import java.util.HashSet;
import java.util.List;

/** Lists whose values are each to be named once. */
public final class Once {
    private Once() {}

    /** Refuses a value that comes twice. */
    public static void check(String option, List<?> values) {
        if (new HashSet<>(values).size() < values.size()) {
            throw new Misuse(option + ": " + values + ": each may be named once");
        }
    }
}
