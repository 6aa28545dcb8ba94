package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.JsonText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@value #FILE} in a run's folder says of its parts. The parts are the truth: the file is written now and then, and a part that it does not know is added when
 * it has been looked at.
 */
final class RunIndex {
    static final String FILE = "index.json";

    /** It is written again when it has grown by one of so many: not for each of thousands of parts. */
    private static final int SHARE = 8;

    private final Path folder;
    private final Map<String, RunFolder.Entry> entries = new TreeMap<>();
    private int unwritten;

    private RunIndex(Path folder) {
        this.folder = folder;
    }

    /** Of the parts that are there; one that is damaged knows none, and is written again. */
    static RunIndex read(Path folder) {
        RunIndex index = new RunIndex(folder);
        List<RunFolder.Entry> known;
        try {
            known = entries(folder);
        } catch (FormatException damaged) {
            return index;
        }
        for (RunFolder.Entry e : known) {
            if (Files.exists(folder.resolve(e.file()))) { // else who wants it computed again has deleted it
                index.entries.put(e.file(), e);
            }
        }
        return index;
    }

    /**
     * What the index of a folder says; nothing where there is none.
     *
     * @throws FormatException if it is damaged
     */
    static List<RunFolder.Entry> entries(Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return List.of();
        }
        if (!(JsonText.read(file).get("parts") instanceof List<?> parts)) {
            throw new DataException(file + ": 'parts' is missing; delete it and it is written again");
        }
        List<RunFolder.Entry> entries = new ArrayList<>();
        for (Object part : parts) {
            if (part instanceof Map<?, ?> m
                    && m.get("file") instanceof String name
                    && m.get("bytes") instanceof Long bytes
                    && m.get("items") instanceof List<?> items) {
                entries.add(new RunFolder.Entry(
                        name, bytes, items.stream().map(String::valueOf).toList()));
            } else {
                throw new DataException(
                        file + ": a part without file, bytes and items; delete it and it is written again");
            }
        }
        return entries;
    }

    /** What is done, in the order of the files' names. */
    List<RunFolder.Entry> entries() {
        return List.copyOf(entries.values());
    }

    /** What a file holds; nothing where it is not known. */
    List<String> items(Path file) {
        RunFolder.Entry known = entries.get(name(file));
        return known == null ? List.of() : known.items();
    }

    /**
     * Refuses a file that is not as it was written, or was to hold something else.
     *
     * @throws DataException that says what is wrong; not of a file that is not known
     */
    void check(Path file, List<String> items) {
        RunFolder.Entry known = entries.get(name(file));
        if (known == null) {
            return;
        }
        if (known.bytes() != file.toFile().length()) {
            throw new DataException("%s: damaged: %d bytes; it had %d when it was written"
                    .formatted(file, file.toFile().length(), known.bytes()));
        }
        if (!known.items().equals(items)) {
            throw new DataException(file + ": holds " + other(known.items(), items));
        }
    }

    /** What is held where something else is to be; where both are as many from one to the same other, the first that differs. */
    private static String other(List<String> held, List<String> items) {
        if (!shown(held).equals(shown(items))) {
            return shown(held) + ", not " + shown(items);
        }
        int first = 0;
        while (held.get(first).equals(items.get(first))) {
            first++;
        }
        return "%s, not %s, as number %d of %d".formatted(held.get(first), items.get(first), first + 1, items.size());
    }

    private static String shown(List<String> items) {
        return switch (items.size()) {
            case 0 -> "nothing";
            case 1 -> items.getFirst();
            default -> items.size() + " from " + items.getFirst() + " to " + items.getLast();
        };
    }

    /** Adds a file that is there. */
    void add(Path file, List<String> items) {
        RunFolder.Entry entry = new RunFolder.Entry(name(file), file.toFile().length(), List.copyOf(items));
        if (!entry.equals(entries.put(entry.file(), entry))) {
            unwritten++;
            if (unwritten * SHARE >= entries.size()) {
                write();
            }
        }
    }

    /** Forgets files, on disk too: what is made in their place later would else be taken for what was said of them. */
    void remove(Iterable<Path> files) {
        files.forEach(file -> entries.remove(name(file)));
        write();
    }

    /** The path of a file in the folder, with slashes. */
    private String name(Path file) {
        return folder.relativize(file).toString().replace(folder.getFileSystem().getSeparator(), "/");
    }

    void write() {
        List<Map<String, Object>> parts = new ArrayList<>();
        for (RunFolder.Entry e : entries.values()) {
            Map<String, Object> part = new LinkedHashMap<>();
            part.put("file", e.file());
            part.put("bytes", e.bytes());
            part.put("items", e.items());
            parts.add(part);
        }
        AtomicFiles.write(folder.resolve(FILE), JsonText.write(Map.of("parts", parts)));
        unwritten = 0;
    }

    /** Writes it, if there is more than it says. */
    void complete() {
        if (unwritten > 0) {
            write();
        }
    }

    /** There is nothing to say any more. */
    void forget() {
        entries.clear();
        unwritten = 0;
    }
}
