package dev.canonica.cli.option;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * The options that stand on a command line with another value than their default. Each of them has to change what is done: one that would not is
 * refused, so that nobody takes a result for what it is not.
 */
public final class GivenOptions {
    /** The option of the folder of results. */
    public static final String OUT = "--out";

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
        return line(words());
    }

    /** The words of the command line, those of files of arguments ({@code @FILE}) in their place: a later run, elsewhere, may not find these. */
    public List<String> words() {
        return spec.root().commandLine().getParseResult().expandedArgs().stream()
                .map(word -> word.startsWith("@") ? "@" + word : word) // which is no file
                .toList();
    }

    /** The command line that gives this folder wherever it is, be it in one run or by shards: with {@code DIR} for the folder. */
    public String anywhere() {
        return anywhere(List.of());
    }

    /**
     * Likewise of a command that took more from files.
     *
     * @param taken the options that say what it took
     */
    public String anywhere(List<String> taken) {
        return line(Stream.of(without(words(), OUT, ShardOption.NAME), taken, List.of(OUT, "DIR"))
                .flatMap(List::stream)
                .toList());
    }

    /**
     * Words without some options and their values.
     *
     * @param options that take one value each
     */
    public static List<String> without(List<String> words, String... options) {
        List<String> rest = new ArrayList<>();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (List.of(options).contains(word)) {
                i++;
            } else if (Arrays.stream(options).noneMatch(o -> word.startsWith(o + "="))) {
                rest.add(word);
            }
        }
        return rest;
    }

    /** Words as a command line, as a shell takes it. */
    public static String line(List<String> words) {
        return words.stream()
                .map(a -> a.matches("[\\w./:,=@%+-]+") ? a : "'" + a.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" ", "./canonica ", ""));
    }

    /** Whether an option was given, with another value than its default. */
    public boolean has(String name) {
        OptionSpec option = Objects.requireNonNull(spec.findOption(name), name);
        return spec.commandLine().getParseResult().hasMatchedOption(option) && !isDefault(option);
    }

    /** Whether an option stands on the command line, be it with its default value. */
    public boolean named(String name) {
        OptionSpec option = spec.findOption(name);
        return option != null && spec.commandLine().getParseResult().hasMatchedOption(option);
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
        refuse(this::has, why, names);
    }

    /** Likewise of those that stand on the command line, be it with their default value: where naming them would have meant something. */
    public void refuseNamed(String why, String... names) {
        refuse(this::named, why, names);
    }

    private void refuse(Predicate<String> given, String why, String... names) {
        for (String name : names) {
            if (given.test(name)) {
                throw new ParameterException(spec.commandLine(), name + ": has no effect here: " + why);
            }
        }
    }
}
