package dev.canonica.cli.terminal;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.RegularFile;
import java.io.IOException;
import java.io.StreamTokenizer;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Files of arguments ({@code @FILE}), with the parser's own syntax: words between white space, quotes of both kinds, comments from {@code #} to the end of a line, other
 * such files, each once. The parser would read whatever it is, a pipe or a device without end too, and take a byte order mark for part of the first word.
 */
public final class ArgumentFiles {
    private static final int MAX_BYTES = 1 << 20;

    private ArgumentFiles() {}

    /**
     * The arguments with those of files in their place. A file that is not there is an argument as it stands; {@code @@X} is the argument {@code @X}.
     *
     * @throws Misuse that names a file that cannot be read
     */
    public static String[] expand(String... args) {
        List<String> all = new ArrayList<>();
        for (String arg : args) {
            expand(arg, all, new HashSet<>());
        }
        return all.toArray(String[]::new);
    }

    private static void expand(String word, List<String> to, Set<Path> within) {
        if (word.startsWith("@@")) {
            to.add(word.substring(1));
        } else if (word.startsWith("@") && word.length() > 1 && isThere(word.substring(1))) {
            Path file = Path.of(word.substring(1)).toAbsolutePath();
            if (within.add(file)) {
                words(word, file).forEach(inner -> expand(inner, to, within));
            }
        } else {
            to.add(word);
        }
    }

    private static boolean isThere(String name) {
        try {
            return Files.exists(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static List<String> words(String name, Path file) {
        try {
            StreamTokenizer tokens = new StreamTokenizer(new StringReader(RegularFile.text(file, MAX_BYTES)));
            tokens.resetSyntax();
            tokens.wordChars(' ', 255);
            tokens.whitespaceChars(0, ' ');
            tokens.quoteChar('"');
            tokens.quoteChar('\'');
            tokens.commentChar('#');
            List<String> words = new ArrayList<>();
            while (tokens.nextToken() != StreamTokenizer.TT_EOF) {
                words.add(tokens.sval);
            }
            return words;
        } catch (IOException e) {
            throw new Misuse(name + ": cannot be read: " + DataException.reason(e));
        }
    }
}
