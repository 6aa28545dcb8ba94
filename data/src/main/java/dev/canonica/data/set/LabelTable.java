package dev.canonica.data.set;

import dev.canonica.data.Csv;
import dev.canonica.data.DataException;
import dev.canonica.data.image.ImageFiles;
import dev.canonica.tensor.io.RegularFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows of a {@code labels.csv}: columns {@code file} and {@code class}, and others. Programs write such tables with commas, semicolons or tabs between the
 * values, which the first line tells; white space around a value does not count, nor do empty lines.
 *
 * @param rows of each image: the values by the names of the columns
 * @param lines on which each image's row stands, from 1
 */
record LabelTable(List<Map<String, String>> rows, Map<String, Integer> lines) {
    static final String FILE = "file";
    static final String CLASS = "class";

    /** Far more than a table of ten million images takes. */
    private static final int MAX_TEXT = 1 << 30;

    private static final char[] SEPARATORS = {',', ';', '\t'};

    /**
     * Reads a table.
     *
     * @throws DataException that names the file and the line, and what would be right
     */
    static LabelTable of(Path file) {
        List<String> text = lines(file);
        if (text.isEmpty()) {
            throw new DataException(file + ": no images; a table begins with the line file,class");
        }
        char separator = separator(file, text.getFirst());
        List<String> columns = columns(file, text.getFirst(), separator);
        List<Map<String, String>> rows = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        for (int line = 2; line <= text.size(); line++) {
            if (text.get(line - 1).isBlank()) {
                continue;
            }
            Map<String, String> row = row(file, line, columns, values(file, line, text.get(line - 1), separator));
            String image = row.getOrDefault(FILE, "");
            Integer before = lines.putIfAbsent(image, line);
            if (before != null) {
                throw new DataException("%s: lines %d and %d are both of '%s'; a row for each image is needed"
                        .formatted(file, before, line, image));
            }
            rows.add(row);
        }
        if (rows.isEmpty()) {
            throw new DataException(file + ": no images; a row for each is needed");
        }
        return new LabelTable(List.copyOf(rows), Map.copyOf(lines));
    }

    /** Whether the table has a column. */
    boolean has(String column) {
        return rows.getFirst().containsKey(column);
    }

    /** The images that it names. */
    Set<String> files() {
        return lines.keySet();
    }

    /**
     * The lines of a text beside the images.
     *
     * @throws DataException if it cannot be read, or is not UTF-8
     */
    static List<String> lines(Path file) {
        try {
            return RegularFile.text(file, MAX_TEXT).lines().toList();
        } catch (CharacterCodingException e) {
            throw new DataException(file + ": cannot be read: not UTF-8; save it in that encoding", e);
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
    }

    private static char separator(Path file, String header) {
        for (char separator : SEPARATORS) {
            if (columns(file, header, separator).contains(FILE)) {
                return separator;
            }
        }
        throw new DataException(
                "%s: line 1: no column 'file' in '%s'; the first line has the names of the columns, with commas, semicolons or tabs between them: file,class"
                        .formatted(file, header));
    }

    private static List<String> columns(Path file, String header, char separator) {
        List<String> columns = new ArrayList<>();
        for (String value : values(file, 1, header, separator)) {
            String column = value.equalsIgnoreCase(FILE) ? FILE : value.equalsIgnoreCase(CLASS) ? CLASS : value;
            if (columns.contains(column)) {
                throw new DataException("%s: line 1: two columns are called '%s'".formatted(file, column));
            }
            columns.add(column);
        }
        return columns;
    }

    private static List<String> values(Path file, int line, String row, char separator) {
        try {
            return Csv.values(row, separator).stream().map(String::strip).toList();
        } catch (DataException e) {
            throw new DataException("%s: line %d: %s".formatted(file, line, e.getMessage()), e);
        }
    }

    private static Map<String, String> row(Path file, int line, List<String> columns, List<String> values) {
        if (values.size() != columns.size()) {
            throw new DataException(
                    "%s: line %d has %d values for %d columns".formatted(file, line, values.size(), columns.size()));
        }
        Map<String, String> row = new LinkedHashMap<>();
        for (int c = 0; c < columns.size(); c++) {
            row.put(columns.get(c), values.get(c));
        }
        String image = row.getOrDefault(FILE, "");
        if (!ImageFiles.isImage(image) || image.contains("/") || image.contains("\\")) {
            throw new DataException(
                    "%s: line %d: '%s' is not the name of an image beside the table".formatted(file, line, image));
        }
        if (columns.contains(CLASS) && row.getOrDefault(CLASS, "").isEmpty()) {
            throw new DataException(
                    "%s: line %d: '%s' has no class; a name is needed, or no row for it".formatted(file, line, image));
        }
        return row;
    }
}
