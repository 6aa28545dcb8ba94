package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.CanonicaException;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
    private final RunIndex index;
    private final Set<String> swept = new HashSet<>();
    private final Set<String> nested = new TreeSet<>();
    private final List<Runnable> pending = new ArrayList<>();
    private boolean refused;
    private boolean closed;

    private RunFolder(Path path, FolderLock lock) {
        this.path = path;
        this.lock = lock;
        this.index = RunIndex.read(path);
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
            Optional<Runnable> change = FolderClaim.settle(path, kind, settings);
            RunFolder folder = new RunFolder(path, lock);
            change.ifPresent(folder.pending::add);
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
        if (!Files.exists(inside)) {
            begin();
        }
        RunFolder folder = claim(inside, kind, settings);
        folder.pending.addFirst(this::begin);
        nested.add(name);
        return folder;
    }

    /** Does something before anything else in the folder is changed; not at all, if the run is {@link #refused}. */
    void beforeChanges(Runnable change) {
        pending.add(change);
    }

    /** Says that the run goes on, and what is there has to give way: until then nothing in a folder that was begun earlier is changed. */
    public void begin() {
        List<Runnable> now = List.copyOf(pending);
        pending.clear();
        now.forEach(Runnable::run);
    }

    /**
     * Says that the run does not go on in the folder, because of what is in it; what was not changed so far stays as it is.
     *
     * @return why, to be thrown
     */
    public DataException refused(DataException why) {
        refused = true;
        return why;
    }

    /** The names of those that were claimed by {@link #claimNested}. */
    SortedSet<String> nested() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(nested));
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
            begin();
            AtomicFiles.createFolders(path.resolve(parts));
            maker.write(file);
        }
        index.add(file, items);
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
        return index.items(file);
    }

    /**
     * Takes files that are no longer to be parts out of the index, each to another place in the folder. The index is written before it returns: what is
     * made in their place later would else be taken for what it says.
     */
    public void setAside(Map<Path, Path> files) {
        if (!files.isEmpty()) {
            begin();
        }
        files.forEach((file, to) -> {
            AtomicFiles.createFolders(Objects.requireNonNull(to.getParent()));
            AtomicFiles.move(file, to);
        });
        if (!files.isEmpty()) {
            index.remove(files.keySet());
        }
    }

    private void check(Path file, List<String> items, Maker maker) {
        try {
            index.check(file, items);
            maker.check(file);
        } catch (CanonicaException e) {
            throw refused(new DataException(e.getMessage() + "; delete it and it is computed again", e));
        }
    }

    /** What is done, in the order of the files' names. */
    public List<Entry> index() {
        return index.entries();
    }

    void writeIndex() {
        begin();
        index.write();
    }

    /**
     * Deletes the folder and all that is in it, for a run whose result lies elsewhere. What says whose run it is goes last: one that is killed meanwhile is gone
     * on with by a run of the same settings alone.
     *
     * @throws FormatException if something cannot be deleted
     */
    public void discard() {
        begin();
        index.forget();
        try (Stream<Path> all = Files.walk(path)) {
            List<Path> others = all.sorted(Comparator.reverseOrder())
                    .filter(p -> !p.equals(path)
                            && !p.startsWith(path.resolve(RunSettings.FILE))
                            && !FolderLock.isLock(path, p))
                    .toList();
            others.forEach(AtomicFiles::delete);
            AtomicFiles.delete(path.resolve(RunSettings.FILE));
        } catch (IOException e) {
            throw new DataException(path + ": cannot be deleted: " + DataException.reason(e), e);
        }
        close();
        AtomicFiles.delete(path);
    }

    /** Writes the index, if there is more than it says, and, unless the run was refused, which settings have changed; gives the folder back. */
    @Override
    public void close() {
        if (closed) {
            return; // it may be another's by now
        }
        closed = true;
        try (FolderLock _ = lock) {
            if (!refused) {
                begin();
            }
            index.complete();
        }
    }
}
