package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Whose a folder is: by its settings, or by there being nothing in it that anybody would miss. */
final class FolderClaim {
    private FolderClaim() {}

    /**
     * Writes the settings into a folder that is free for them.
     *
     * @return what is still to be written, once it is certain that the run goes on: where the folder was begun with these settings, but for some that may change
     * @throws DataException if it holds what a run of another kind or of other settings has done, or files of which nothing says whose they are
     * @throws FormatException if it cannot be written
     */
    static Optional<Runnable> settle(Path folder, String kind, Settings settings) {
        RunSettings own = RunSettings.of(kind, settings);
        Path file = folder.resolve(RunSettings.FILE);
        Optional<RunSettings> found = found(folder);
        if (found.isPresent()) {
            checkKind(folder, found.get());
            List<Settings.Difference> differences =
                    settings.since(Settings.stored(found.get().fixed()));
            boolean same = found.get().kind().equals(kind) && differences.isEmpty();
            if (same && found.get().free().equals(own.free())) {
                return Optional.empty();
            }
            if (same) {
                return Optional.of(() -> AtomicFiles.write(file, own.json()));
            }
            if (firstFile(folder, p -> !p.equals(file)).isPresent()) {
                throw refused(folder, found.get(), kind, settings, differences);
            }
        } else {
            firstFile(folder, p -> !String.valueOf(p.getFileName()).startsWith("."))
                    .ifPresent(stray -> {
                        throw new DataException(
                                "%s: is not of a run that goes on here, for there is no %s; give another --out or delete it"
                                        .formatted(stray, file));
                    });
        }
        AtomicFiles.write(file, own.json());
        return Optional.empty();
    }

    /**
     * A file in a run's folder, by which it is seen that there is more in it than what a run leaves that was refused before it did anything, by its memory or for a layer that is not
     * there: such a run keeps the folder from no other.
     *
     * @param counts which files do
     */
    private static Optional<Path> firstFile(Path folder, Predicate<Path> counts) {
        return first(folder, p -> !FolderLock.isLock(folder, p) && counts.test(p));
    }

    /** By its name, before those in folders; no more is listed than is needed: somebody may have named a folder of very many files. */
    private static Optional<Path> first(Path folder, Predicate<Path> counts) {
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
                .flatMap(inside -> first(inside, counts).stream())
                .findFirst());
    }

    private static Optional<RunSettings> found(Path folder) {
        try {
            return RunSettings.read(folder);
        } catch (FormatException damaged) {
            throw new DataException(
                    damaged.getMessage()
                            + "; without it nobody knows what was begun here: give another --out or delete " + folder,
                    damaged);
        }
    }

    private static void checkKind(Path folder, RunSettings found) {
        if (found.kind().isEmpty()) {
            throw new DataException(folder.resolve(RunSettings.FILE)
                    + ": does not say what kind of run it is of: an older version wrote it, or another program;"
                    + " give another --out or delete " + folder);
        }
    }

    private static DataException refused(
            Path folder, RunSettings found, String kind, Settings settings, List<Settings.Difference> differences) {
        if (!found.kind().equals(kind)) {
            return new DataException("%s: holds another run (%s, not %s); give another --out or delete it"
                    .formatted(folder, found.kind(), kind));
        }
        String changeable = String.join(", ", new TreeSet<>(settings.free()));
        return new DataException("%s: holds another %s (%s); give %sanother --out or delete it"
                .formatted(
                        folder,
                        kind,
                        Settings.Difference.sentences(differences),
                        changeable.isEmpty() ? "" : "what it was begun with (only " + changeable + " may change), "));
    }
}
