package dev.canonica.cli.option;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Holds the numbers on a command line to what their options take, before anything is done. */
public final class Bounds {
    private Bounds() {}

    /**
     * Checks the options of a command and of its subcommands.
     *
     * @throws ParameterException that names the first option out of bounds, and its range
     */
    public static void check(ParseResult parsed) {
        for (OptionSpec option : parsed.matchedOptions()) {
            Object value = option.getValue();
            for (Object one : value instanceof List<?> list ? list : Collections.singletonList(value)) {
                String needed = one instanceof Number number ? refusal(option, number.doubleValue()) : "";
                if (!needed.isEmpty()) {
                    throw new ParameterException(
                            parsed.commandSpec().commandLine(),
                            "%s: %s; %s".formatted(option.longestName(), one, needed));
                }
            }
        }
        if (parsed.hasSubcommand()) {
            check(parsed.subcommand());
        }
    }

    /** What is needed instead of a value; empty if it will do. */
    private static String refusal(OptionSpec option, double value) {
        Within within = within(option);
        if (within == null) {
            return Double.isFinite(value) ? "" : "a finite number is needed";
        }
        boolean held =
                value >= within.min() && value <= within.max() && value > within.above() && value < within.below();
        String range = range(within);
        return held
                ? ""
                : (Double.isInfinite(value) && !Double.isFinite(within.max()) && !Double.isFinite(within.below())
                                ? number("finite number", range)
                                : range)
                        + " is needed";
    }

    /** The numbers that an option takes, in words. */
    static String realRange(ArgSpec option) {
        Within within = within(option);
        return within == null ? "a number" : number("number", range(within));
    }

    /**
     * The whole numbers that an option takes, in words.
     *
     * @param size whether its size is what is wrong with a number, and the type's own bounds are to be said
     * @param narrow whether the type is {@code int}, and not {@code long}
     */
    static String wholeRange(ArgSpec option, boolean size, boolean narrow) {
        Within within = within(option);
        if (!size) {
            return within == null ? "a whole number" : number("whole number", range(within));
        }
        long least = narrow ? Integer.MIN_VALUE : Long.MIN_VALUE;
        long most = narrow ? Integer.MAX_VALUE : Long.MAX_VALUE;
        return "a whole number from %d to %d"
                .formatted(
                        within == null ? least : (long) Math.max(least, within.min()),
                        within == null || within.max() >= most ? most : (long) within.max());
    }

    private static String number(String kind, String range) {
        return range.startsWith("a number ")
                ? range.replaceFirst("number", kind)
                : range.startsWith("a ") ? "a " + kind : "a " + kind + " of " + range;
    }

    private static @Nullable Within within(ArgSpec option) {
        return option.userObject() instanceof Field field && field.isAnnotationPresent(Within.class)
                ? field.getAnnotation(Within.class)
                : null;
    }

    /** A range in words, such as "a number from 0 to 1" or "at least 1". */
    private static String range(Within w) {
        boolean low = Double.isFinite(w.min());
        boolean high = Double.isFinite(w.max());
        if (low && high) {
            return "a number from " + plain(w.min()) + " to " + plain(w.max());
        }
        List<String> words = new ArrayList<>();
        if (low) {
            words.add("at least " + plain(w.min()));
        }
        if (Double.isFinite(w.above())) {
            words.add("more than " + plain(w.above()));
        }
        if (high) {
            words.add("at most " + plain(w.max()));
        }
        if (Double.isFinite(w.below())) {
            words.add("less than " + plain(w.below()));
        }
        return words.isEmpty() ? "a finite number" : String.join(" and ", words);
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
