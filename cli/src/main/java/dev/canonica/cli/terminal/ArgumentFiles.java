package dev.canonica.cli.terminal;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.RegularFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Files of arguments ({@code @FILE}), which the parser reads whatever they are: a pipe or a device without end would keep it for ever. */
public final class ArgumentFiles {
    private static final int MAX_BYTES = 1 << 20;

    private ArgumentFiles() {}

    /**
     * Refuses files of arguments that cannot be read, also those that are named in another. One that is not there is an argument as it stands.
     *
     * @throws Misuse that names the file
     */
    public static void check(String... args) {
        Deque<String> words = new ArrayDeque<>(List.of(args));
        Set<String> seen = new HashSet<>();
        while (!words.isEmpty()) {
            String word = words.pop();
            if (word.startsWith("@") && !word.startsWith("@@") && word.length() > 1 && seen.add(word)) {
                words.addAll(words(word.substring(1)));
            }
        }
    }

    private static List<String> words(String name) {
        try {
            Path file = Path.of(name);
            return Files.exists(file)
                    ? Arrays.asList(RegularFile.text(file, MAX_BYTES).split("\\s+"))
                    : List.of();
        } catch (InvalidPathException _) {
            return List.of(); // nor can the parser read it
        } catch (IOException e) {
            throw new Misuse("@" + name + ": cannot be read: " + DataException.reason(e));
        }
    }
}
