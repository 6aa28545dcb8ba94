package dev.canonica.cli.terminal;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What was probably meant by a command or an option that there is not. */
final class Suggestions {
    private Suggestions() {}

    /** What a misuse says, with the nearest command or option where there is none of a name. */
    static String message(ParameterException misuse) {
        String said = String.valueOf(misuse.getMessage());
        CommandSpec spec = misuse.getCommandLine().getCommandSpec();
        if (misuse instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().getFirst();
            if (word.startsWith("-") && word.length() > 1) {
                return "Unknown option: '" + word + "'" + option(word, spec);
            }
            return spec.subcommands().isEmpty()
                    ? "'" + word + "' belongs to no option; " + reason(word, misuse.getCommandLine())
                    : "Unknown command: '" + word + "'" + command(word, spec);
        }
        if (misuse instanceof OverwrittenOptionException twice) {
            return argument(twice.getOverwritten()) + "is given more than once, and takes one value";
        }
        if (misuse instanceof MissingParameterException missing
                && missing.getMissing().size() == 1
                && missing.getMissing().getFirst() instanceof OptionSpec option
                && isOfValue(misuse)) {
            return "%s: has no value; %s is needed".formatted(option.longestName(), option.paramLabel());
        }
        if (misuse
                instanceof
                MissingParameterException) { // which comes first, where the name of one that is needed has a typing
            // error
            for (String word : given(misuse.getCommandLine())) {
                String meant = option(word, spec);
                if (!meant.isEmpty()) {
                    return "Unknown option: '" + word + "'" + meant;
                }
            }
        }
        return said;
    }

    /** An option's name before what is said of it; nothing for a value that has none. */
    static String argument(@Nullable ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() + ": " : "";
    }

    /** Whether it is the value of an option that is missing, and not the option. */
    private static boolean isOfValue(ParameterException misuse) {
        String said = String.valueOf(misuse.getMessage());
        return said.startsWith("Expected parameter ") || said.startsWith("Missing required parameter for option ");
    }

    /** Why a word is no option's: the one before it takes no value, or has had its own. */
    private static String reason(String word, CommandLine command) {
        List<String> words = words(command);
        int at = words.indexOf(word);
        OptionSpec before = at < 1 ? null : find(words.get(at - 1), command.getCommandSpec());
        if (before == null || before.arity().max() > 0) {
            return "between the values of one there are commas without spaces";
        }
        String name = words.get(at - 1);
        return name + " takes no value" + (name.equals("--json") ? ": what it prints goes into a file by > FILE" : "");
    }

    /** The words of a command line, of all commands in it. */
    static List<String> words(CommandLine command) {
        ParseResult parsed = command.getCommandSpec().root().commandLine().getParseResult();
        return parsed == null ? List.of() : parsed.originalArgs();
    }

    /** The words of a command line that look like options and are none. */
    private static List<String> given(CommandLine command) {
        CommandLine root = command.getCommandSpec().root().commandLine();
        return words(command).stream()
                .filter(word -> word.startsWith("--") && word.length() > 2)
                .filter(word ->
                        find(word, command.getCommandSpec()) == null && find(word, root.getCommandSpec()) == null)
                .toList();
    }

    /** The option that a word is, also as its negative ({@code --no-restore-norm}). */
    private static @Nullable OptionSpec find(String word, CommandSpec spec) {
        OptionSpec option = spec.findOption(name(word));
        return option == null ? spec.negatedOptionsMap().get(name(word)) : option;
    }

    private static String option(String word, CommandSpec spec) {
        return nearest(
                        name(word),
                        spec.options().stream().map(OptionSpec::longestName).toList())
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
    }

    private static String command(String word, CommandSpec spec) {
        Set<String> known = spec.subcommands().keySet();
        if (word.equals("help") || word.equals("version")) {
            return "; did you mean --" + word + "?";
        }
        String alone = spec.userObject() instanceof Callable ? ", or none: " + spec.qualifiedName() : "";
        return nearest(word, known)
                .map(near -> "; did you mean " + near + "?")
                .orElse("; the commands are " + String.join(", ", known) + alone);
    }

    /** An option without its value. */
    private static String name(String word) {
        return word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
    }

    /** The name with the fewest letters to change, if a third of them stays; of several the first. */
    static Optional<String> nearest(String name, Collection<String> known) {
        String word = name.toLowerCase(Locale.ROOT);
        return known.stream()
                .filter(k -> k.startsWith(word)
                        || distance(word, k) <= Math.max(1, k.replace("-", "").length() / 3))
                .min(Comparator.comparingInt(k -> distance(word, k)));
    }

    /** Letters to put in, to take out, to change or to exchange with their neighbours (Damerau's distance). */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = IntStream.of(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change)
                        .min()
                        .getAsInt();
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
