package dev.canonica.cadistill.evaluate;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.RegularFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of a model's classes a set of images has, where it has some of them only, as ImageNet-A and ImageNet-R have 200 of 1000: a text file with a line a
 * class, the name of its folder and the model's number, such as {@code n01498041 6}. Empty lines and what follows a {@code #} are passed over.
 */
public final class ClassMask {
    private static final int MAX_BYTES = 1 << 24;

    /** A name, in which there may be spaces, and a number. */
    private static final Pattern LINE = Pattern.compile("(\\S.*?)[\\s,]+(\\d{1,9})");

    private ClassMask() {}

    /**
     * Reads a file.
     *
     * @param classes those of the model
     * @return the model's class of each folder, in the order of the file
     * @throws DataException that names the file and the line
     */
    public static Map<String, Integer> read(Path file, int classes) {
        List<String> lines;
        try {
            lines = RegularFile.text(file, MAX_BYTES).lines().toList();
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
        Map<String, Integer> mask = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).replaceFirst("#.*", "").strip();
            if (line.isEmpty()) {
                continue;
            }
            Matcher words = LINE.matcher(line);
            if (!words.matches() || Integer.parseInt(words.group(2)) >= classes) {
                throw new DataException("%s: line %d: '%s' is no folder with a number from 0 to %d"
                        .formatted(file, i + 1, line, classes - 1));
            }
            if (mask.put(words.group(1), Integer.parseInt(words.group(2))) != null) {
                throw new DataException("%s: line %d: '%s' is there twice".formatted(file, i + 1, words.group(1)));
            }
        }
        if (mask.isEmpty()) {
            throw new DataException(file + ": no classes");
        }
        return mask;
    }
}
