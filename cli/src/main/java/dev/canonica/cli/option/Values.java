package dev.canonica.cli.option;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** How the values of options are read, and what is said of one that is not of its option's type: the option, the value, and what would be right. */
public final class Values {
    /** What the parser says of a value without a name, before the value. */
    private static final String PAIR = "should be in KEY=VALUE format but was ";

    private static final List<Class<?>> WHOLE = List.of(int.class, Integer.class, long.class, Long.class);
    private static final List<Class<?>> INTS = List.of(int.class, Integer.class);
    private static final List<Class<?>> REAL = List.of(double.class, Double.class);

    private Values() {}

    /** Makes a command line and those below it read values so. */
    public static void readBy(CommandLine command) {
        Numbers.readBy(command);
    }

    /** A misuse in our words where it is of a value that the parser could not read; any other as it is. */
    public static ParameterException inWords(ParameterException misuse) {
        ArgSpec argument = misuse.getArgSpec();
        String value = misuse.getValue();
        String message = String.valueOf(misuse.getMessage());
        if (argument != null && argument.typeInfo().isMap() && message.contains(PAIR)) {
            return said(
                    misuse,
                    argument,
                    "'%s' is not %s"
                            .formatted(
                                    message.substring(message.indexOf(PAIR) + PAIR.length()), argument.paramLabel()));
        }
        if (argument == null || value == null || !(misuse.getCause() instanceof TypeConversionException refused)) {
            return misuse;
        }
        if (type(argument) == Path.class) { // whose cure depends on the locale
            return misuse;
        }
        return said(misuse, argument, refusal(argument, value, String.valueOf(refused.getMessage())));
    }

    private static ParameterException said(ParameterException misuse, ArgSpec argument, String why) {
        return new ParameterException(misuse.getCommandLine(), name(argument) + ": " + why);
    }

    /** What an argument is called: an option's name, or the label of a value that has none. */
    static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    private static String refusal(ArgSpec argument, String value, String otherwise) {
        Class<?> type = type(argument);
        if (WHOLE.contains(type)) {
            return "'%s'; %s is needed%s"
                    .formatted(
                            value,
                            Bounds.wholeRange(argument, Numbers.isWhole(value), INTS.contains(type)),
                            Numbers.meant(value, true));
        }
        if (REAL.contains(type)) {
            return "'%s'; %s is needed%s".formatted(value, Bounds.realRange(argument), Numbers.meant(value, false));
        }
        if (type == boolean.class || type == Boolean.class) {
            return "'" + value + "' is not one of true, false";
        }
        if (type.isEnum()) {
            String all = Arrays.stream(type.getEnumConstants())
                    .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "));
            return "'" + value + "' is not one of " + all;
        }
        return otherwise;
    }

    /** The type of one value. */
    private static Class<?> type(ArgSpec argument) {
        Class<?>[] parts = argument.typeInfo().getAuxiliaryTypes();
        return argument.typeInfo().isMultiValue() && !Map.class.isAssignableFrom(argument.type())
                ? parts[0]
                : argument.type();
    }
}
