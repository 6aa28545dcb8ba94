package dev.canonica.cli.option;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Refuses the names of files and sets that are empty, and, in options of several values, what the parser would pass over: an empty value at the end of a list, and the first of two values of one name. */
public final class Entries {
    /** Labels of texts that name files, or what else may have no name of blanks. */
    private static final List<String> NAMES = List.of("SET", "NAME|FILE|DIR");

    private Entries() {}

    /**
     * Checks the options of a command and of its subcommands.
     *
     * @throws ParameterException that names the option
     */
    public static void check(ParseResult parsed) {
        for (ArgSpec argument : parsed.matchedArgs()) {
            if (isOfFiles(argument)
                    && argument.originalStringValues().stream()
                            .anyMatch(String::isBlank)) { // which is the current folder to Java
                throw new ParameterException(
                        parsed.commandSpec().commandLine(),
                        "%s: has no value; %s is needed".formatted(Values.name(argument), argument.paramLabel()));
            }
        }
        for (OptionSpec option : parsed.matchedOptions()) {
            String needed = refusal(option);
            if (!needed.isEmpty()) {
                throw new ParameterException(
                        parsed.commandSpec().commandLine(), "%s: %s".formatted(option.longestName(), needed));
            }
        }
        if (parsed.hasSubcommand()) {
            check(parsed.subcommand());
        }
    }

    private static boolean isOfFiles(ArgSpec argument) {
        return NAMES.contains(argument.paramLabel())
                || List.of(argument.auxiliaryTypes()).contains(Path.class);
    }

    private static String refusal(OptionSpec option) {
        Set<String> names = new HashSet<>();
        for (String given : option.originalStringValues()) {
            List<String> values = option.splitRegex().isEmpty()
                    ? List.of(given)
                    : Arrays.asList(given.split(option.splitRegex(), -1));
            if (values.size() > 1 && values.stream().anyMatch(String::isBlank)) {
                return "'" + given + "' has an empty value; a comma is needed between two alone";
            }
            if (option.typeInfo().isMap()) {
                for (String value : values) {
                    String name = value.substring(0, Math.max(0, value.indexOf('=')));
                    if (!names.add(name)) {
                        return name + ": may be named once";
                    }
                }
            }
        }
        return "";
    }
}
