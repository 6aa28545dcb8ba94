package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.CanonicaException;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a long run, which one command at a time works in and which a run of the same settings goes on in, wherever the last one was stopped:
 *
 * <pre>
 *   settings.json         the kind of run and its settings; a run of others is refused by name
 *   index.json            what is done: each part's file, its bytes and what it holds
 *   PARTS/000000.npz      numbered parts, whole or not there
 *   .lock                 who works in it, while one does
 * </pre>
 *
 * <p>A folder in which no run has left anything but its settings is free for a run of others; one without settings in which there are files, hidden ones left out, is no run's. The parts are the truth, and the index is made from them: it is written now and then and at the end, and a part that it does not know is looked
 * at and added.
 */
public final class RunFolder implements AutoCloseable {
    /** The file of a run's settings. */
    public static final String SETTINGS = "settings.json";

    static final String INDEX = "index.json";
    private static final String KIND = "kind";
    private static final String MAY_CHANGE = "may_change";

    /** The index is written again when it has grown by one of so many: not for each of thousands of parts. */
    private static final int SHARE = 8;

    /**
     * What the index says of a part.
     *
     * @param file its path in the folder, with slashes
     * @param bytes its length
     * @param items what it holds, by names
     */
    public record Entry(String file, long bytes, List<String> items) {}

    /** Makes a part. */
    public interface Maker {
        /**
         * Refuses a file that does not hold what the part is to hold.
         *
         * @throws CanonicaException that says what is wrong with it
         */
        void check(Path file);

        /** Writes the file, by {@link AtomicFiles}. */
        void write(Path file);
    }

    private final Path path;
    private final FolderLock lock;
    private final Map<String, Entry> index = new TreeMap<>();
    private final Set<String> swept = new HashSet<>();
    private final Set<String> nested = new TreeSet<>();
    private int unwritten;
    private boolean closed;

    private RunFolder(Path path, FolderLock lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Makes a folder this run's own: a new one, one that was begun with the same settings, or one in which nothing was done under others.
     *
     * @param kind what the run does, in a noun: {@code extraction}
     * @throws DataException if another process works in it, or if it holds what a run of another kind or of other settings has done, or files of which nothing says whose they are
     * @throws dev.canonica.tensor.io.FormatException if it cannot be made, written or read
     */
    public static RunFolder claim(Path path, String kind, Settings settings) {
        AtomicFiles.createFolders(path);
        FolderLock lock = FolderLock.take(path, kind);
        try {
            RunFolder folder = new RunFolder(path, lock);
            folder.settle(kind, settings);
            folder.readIndex();
            AtomicFiles.sweep(path);
            return folder;
        } catch (RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    /**
     * As {@link #claim}, of a run that is a piece of this one, in a folder inside of this.
     *
     * @param name of the folder
     */
    public RunFolder claimNested(String name, String kind, Settings settings) {
        Path inside = path.resolve(name);
        if (name.startsWith(".") || !name.equals(String.valueOf(inside.getFileName()))) {
            throw new IllegalArgumentException("'" + name + "' is no name of a folder");
        }
        RunFolder folder = claim(inside, kind, settings);
        nested.add(name);
        return folder;
    }

    /** The names of those that were claimed by {@link #claimNested}. */
    SortedSet<String> nested() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(nested));
    }

    private void settle(String kind, Settings settings) {
        Map<String, Object> fixed = new LinkedHashMap<>();
        Map<String, Object> free = new LinkedHashMap<>();
        settings.values().forEach((name, value) -> (settings.free().contains(name) ? free : fixed).put(name, value));
        fixed.keySet().stream().filter(Set.of(KIND, MAY_CHANGE)::contains).forEach(name -> {
            throw new IllegalArgumentException("'" + name + "' cannot be the name of a setting");
        });
        Map<String, Object> all = new LinkedHashMap<>();
        all.put(KIND, kind);
        all.putAll(fixed);
        if (!free.isEmpty()) {
            all.put(MAY_CHANGE, free);
        }
        Path file = path.resolve(SETTINGS);
        Optional<Begun> found = found();
        if (found.isPresent()) {
            checkKind(file, found.get());
            List<Settings.Difference> differences =
                    settings.since(Settings.stored(found.get().fixed()));
            boolean same = found.get().kind().equals(kind) && differences.isEmpty();
            if (same && found.get().free().equals(free)) {
                return;
            }
            if (!same && firstFile(p -> !p.equals(file)).isPresent()) {
                throw refused(found.get(), kind, settings, differences);
            }
        } else {
            firstFile(p -> !String.valueOf(p.getFileName()).startsWith(".")).ifPresent(stray -> {
                throw new DataException(
                        "%s: is not of a run that goes on here, for there is no %s; give another --out or delete it"
                                .formatted(stray, file));
            });
        }
        AtomicFiles.write(file, JsonText.write(all));
    }

    /**
     * A file in the folder, by which it is seen that there is more in it than what a run leaves that was refused before it did anything, by its memory or for a layer that is not
     * there: such a run keeps the folder from no other.
     *
     * @param counts which files do
     */
    private Optional<Path> firstFile(Predicate<Path> counts) {
        return firstFile(path, p -> !FolderLock.isLock(path, p) && counts.test(p));
    }

    /** By its name, before those in folders; no more is listed than is needed: somebody may have named a folder of very many files. */
    private static Optional<Path> firstFile(Path folder, Predicate<Path> counts) {
        AtomicFiles.sweep(folder);
        List<Path> here;
        try (Stream<Path> all = Files.list(folder)) {
            here = all.sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new DataException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
        Optional<Path> first = here.stream()
                .filter(p -> !Files.isDirectory(p) && Files.exists(p, LinkOption.NOFOLLOW_LINKS) && counts.test(p))
                .findFirst();
        return first.or(() -> here.stream()
                .filter(p -> Files.isDirectory(p, LinkOption.NOFOLLOW_LINKS))
                .flatMap(inside -> firstFile(inside, counts).stream())
                .findFirst());
    }

    /**
     * What the settings of a folder say of its run.
     *
     * @param kind what it does; empty if they do not say that
     * @param fixed what a run that goes on shares with it
     * @param free what may change, as it was last
     */
    public record Begun(String kind, Map<String, Object> fixed, Map<String, Object> free) {}

    /**
     * What the run of a folder was begun with; empty if there are no settings in it.
     *
     * @throws FormatException if they cannot be read
     */
    public static Optional<Begun> begun(Path folder) {
        Path file = folder.resolve(SETTINGS);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String kind = "";
        Map<String, Object> fixed = new LinkedHashMap<>();
        Map<String, Object> free = new LinkedHashMap<>();
        for (Map.Entry<String, @Nullable Object> e : JsonText.read(file).entrySet()) {
            switch (e.getKey()) {
                case KIND -> kind = e.getValue() instanceof String text ? text : "";
                case MAY_CHANGE -> {
                    if (e.getValue() instanceof Map<?, ?> values) {
                        values.forEach((name, value) -> put(free, String.valueOf(name), value));
                    }
                }
                default -> put(fixed, e.getKey(), e.getValue());
            }
        }
        return Optional.of(new Begun(kind, fixed, free));
    }

    private static void put(Map<String, Object> settings, String name, @Nullable Object value) {
        if (value != null) {
            settings.put(name, value);
        }
    }

    private Optional<Begun> found() {
        try {
            return begun(path);
        } catch (FormatException damaged) {
            throw new DataException(
                    damaged.getMessage()
                            + "; without it nobody knows what was begun here: give another --out or delete " + path,
                    damaged);
        }
    }

    private void checkKind(Path file, Begun found) {
        if (found.kind().isEmpty()) {
            throw new DataException(
                    file + ": does not say what kind of run it is of: an older version wrote it, or another program;"
                            + " give another --out or delete " + path);
        }
    }

    private DataException refused(Begun found, String kind, Settings settings, List<Settings.Difference> differences) {
        if (!found.kind().equals(kind)) {
            return new DataException("%s: holds another run (%s, not %s); give another --out or delete it"
                    .formatted(path, found.kind(), kind));
        }
        String changeable = String.join(", ", new TreeSet<>(settings.free()));
        return new DataException("%s: holds another %s (%s); give %sanother --out or delete it"
                .formatted(
                        path,
                        kind,
                        Settings.Difference.sentences(differences),
                        changeable.isEmpty() ? "" : "what it was begun with (only " + changeable + " may change), "));
    }

    /** Where the folder is. */
    public Path path() {
        return path;
    }

    /**
     * The file of a part.
     *
     * @param parts the folder of the parts within {@code folder}
     * @param number at least 0; the name has six digits or more
     * @param suffix with its period
     */
    public static Path part(Path folder, String parts, int number, String suffix) {
        return folder.resolve(parts).resolve(String.format(Locale.ROOT, "%06d%s", number, suffix));
    }

    /**
     * Sees to it that a part is there: looks at the one that is there, or has it made.
     *
     * @param parts the name of these parts, which is that of their folder
     * @param suffix of the file, such as {@code .npz}
     * @param items what the part holds, by names
     * @return whether it was made now
     * @throws DataException if the part that is there is damaged, or holds something else
     */
    public boolean complete(String parts, int number, String suffix, List<String> items, Maker maker) {
        Path file = part(path, parts, number, suffix);
        if (swept.add(parts)) {
            AtomicFiles.sweep(path.resolve(parts));
        }
        boolean there = Files.exists(file);
        if (there) {
            check(file, items, maker);
        } else {
            AtomicFiles.createFolders(path.resolve(parts));
            maker.write(file);
        }
        add(file, items);
        return !there;
    }

    /** The numbered parts that are there, by their numbers. */
    public SortedMap<Integer, Path> parts(String parts, String suffix) {
        SortedMap<Integer, Path> there = new TreeMap<>();
        Path folder = path.resolve(parts);
        if (!Files.isDirectory(folder)) {
            return there;
        }
        Pattern name = Pattern.compile("(\\d{6,9})" + Pattern.quote(suffix));
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> {
                Matcher m = name.matcher(file.getFileName().toString());
                if (m.matches()) {
                    there.put(Integer.parseInt(m.group(1)), file);
                }
            });
            return there;
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    /** What the index says that a part holds; nothing where it does not know it. */
    public List<String> items(Path file) {
        Entry known = index.get(name(file));
        return known == null ? List.of() : known.items();
    }

    /**
     * Takes files that are no longer to be parts out of the index, each to another place in the folder. The index is written before it returns: what is
     * made in their place later would else be taken for what it says.
     */
    public void setAside(Map<Path, Path> files) {
        files.forEach((file, to) -> {
            AtomicFiles.createFolders(Objects.requireNonNull(to.getParent()));
            AtomicFiles.move(file, to);
            index.remove(name(file));
        });
        if (!files.isEmpty()) {
            writeIndex();
        }
    }

    private void check(Path file, List<String> items, Maker maker) {
        try {
            Entry known = index.get(name(file));
            if (known != null && known.bytes() != file.toFile().length()) {
                throw new DataException("%s: damaged: %d bytes; it had %d when it was written"
                        .formatted(file, file.toFile().length(), known.bytes()));
            }
            if (known != null && !known.items().equals(items)) {
                throw new DataException(file + ": holds " + other(known.items(), items));
            }
            maker.check(file);
        } catch (CanonicaException e) {
            throw new DataException(e.getMessage() + "; delete it and it is computed again", e);
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

    private void add(Path file, List<String> items) {
        Entry entry = new Entry(name(file), file.toFile().length(), List.copyOf(items));
        if (!entry.equals(index.put(entry.file(), entry))) {
            unwritten++;
            if (unwritten * SHARE >= index.size()) {
                writeIndex();
            }
        }
    }

    /** The path of a file in the folder, with slashes. */
    private String name(Path file) {
        return path.relativize(file).toString().replace(path.getFileSystem().getSeparator(), "/");
    }

    /** What is done, in the order of the files' names. */
    public List<Entry> index() {
        return List.copyOf(index.values());
    }

    private void readIndex() {
        List<Entry> known;
        try {
            known = entries(path);
        } catch (FormatException damaged) {
            return; // the parts are looked into, and it is written again
        }
        for (Entry e : known) {
            if (Files.exists(path.resolve(e.file()))) { // else who wants it computed again has deleted it
                index.put(e.file(), e);
            }
        }
    }

    /**
     * What the index of a folder says; nothing where there is none.
     *
     * @throws FormatException if it is damaged
     */
    static List<Entry> entries(Path folder) {
        Path file = folder.resolve(INDEX);
        if (!Files.exists(file)) {
            return List.of();
        }
        if (!(JsonText.read(file).get("parts") instanceof List<?> parts)) {
            throw new DataException(file + ": 'parts' is missing; delete it and it is written again");
        }
        List<Entry> entries = new ArrayList<>();
        for (Object part : parts) {
            if (part instanceof Map<?, ?> m
                    && m.get("file") instanceof String name
                    && m.get("bytes") instanceof Long bytes
                    && m.get("items") instanceof List<?> items) {
                entries.add(new Entry(
                        name, bytes, items.stream().map(String::valueOf).toList()));
            } else {
                throw new DataException(
                        file + ": a part without file, bytes and items; delete it and it is written again");
            }
        }
        return entries;
    }

    void writeIndex() {
        List<Map<String, Object>> parts = new ArrayList<>();
        for (Entry e : index.values()) {
            Map<String, Object> part = new LinkedHashMap<>();
            part.put("file", e.file());
            part.put("bytes", e.bytes());
            part.put("items", e.items());
            parts.add(part);
        }
        AtomicFiles.write(path.resolve(INDEX), JsonText.write(Map.of("parts", parts)));
        unwritten = 0;
    }

    /**
     * Deletes the folder and all that is in it, for a run whose result lies elsewhere. What says whose run it is goes last: one that is killed meanwhile is gone
     * on with by a run of the same settings alone.
     *
     * @throws FormatException if something cannot be deleted
     */
    public void discard() {
        unwritten = 0;
        try (Stream<Path> all = Files.walk(path)) {
            List<Path> others = all.sorted(Comparator.reverseOrder())
                    .filter(p ->
                            !p.equals(path) && !p.startsWith(path.resolve(SETTINGS)) && !FolderLock.isLock(path, p))
                    .toList();
            others.forEach(AtomicFiles::delete);
            AtomicFiles.delete(path.resolve(SETTINGS));
        } catch (IOException e) {
            throw new DataException(path + ": cannot be deleted: " + DataException.reason(e), e);
        }
        close();
        AtomicFiles.delete(path);
    }

    /** Writes the index, if there is more than it says, and gives the folder back. */
    @Override
    public void close() {
        if (closed) {
            return; // it may be another's by now
        }
        closed = true;
        try (FolderLock _ = lock) {
            if (unwritten > 0) {
                writeIndex();
            }
        }
    }
}
