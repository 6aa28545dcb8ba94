package dev.canonica.cli.option;

import java.util.Objects;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * The options that stand on a command line with another value than their default. Each of them has to change what is done: one that would not is
 * refused, so that nobody takes a result for what it is not.
 */
public final class GivenOptions {
    private final CommandSpec spec;

    private GivenOptions(CommandSpec spec) {
        this.spec = spec;
    }

    /** Those of a command that is being executed. */
    public static GivenOptions of(CommandSpec spec) {
        return new GivenOptions(spec);
    }

    /** The whole command line, as a shell takes it. */
    public String line() {
        return spec.root().commandLine().getParseResult().originalArgs().stream()
                .map(a -> a.matches("[\\w./:,=@%+-]+") ? a : "'" + a.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" ", "./canonica ", ""));
    }

    /** Whether an option was given, with another value than its default. */
    public boolean has(String name) {
        OptionSpec option = Objects.requireNonNull(spec.findOption(name), name);
        return spec.commandLine().getParseResult().hasMatchedOption(option) && !isDefault(option);
    }

    private static boolean isDefault(ArgSpec option) {
        String value = option.defaultValue();
        return value != null
                && option.stringValues().stream()
                        .allMatch(given -> given.equalsIgnoreCase(value) || equal(given, value));
    }

    private static boolean equal(String a, String b) {
        try {
            return Double.parseDouble(a) == Double.parseDouble(b);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /**
     * Refuses the first of these options that was given.
     *
     * @param why it has no effect, such as "applies to sample alone"
     */
    public void refuse(String why, String... names) {
        for (String name : names) {
            if (has(name)) {
                throw new ParameterException(spec.commandLine(), name + ": has no effect here: " + why);
            }
        }
    }
}
