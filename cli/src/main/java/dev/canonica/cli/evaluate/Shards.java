package dev.canonica.cli.evaluate;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.data.DataException;
import dev.canonica.data.run.RunFolder;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The answers of an evaluation's shards, brought together: they are stored in parts of the whole set, the same files whichever shard made them. */
public final class Shards {
    /** The setting that differs between shards. */
    public static final String SHARD = "shard";

    private static final String PART = "\\d{6}\\.npz";

    private Shards() {}

    /**
     * Refuses folders that are none of shards of an evaluation with these settings.
     *
     * @throws Misuse that names the first that is not one, and what differs
     */
    public static void check(List<Path> folders, Settings settings) {
        for (Path folder : folders) {
            RunFolder.Begun shard = RunFolder.begun(folder)
                    .orElseThrow(() ->
                            new Misuse("--join: " + folder + ": no shard of an evaluation: no " + RunFolder.SETTINGS));
            List<String> differences = settings.since(Settings.stored(shard.fixed())).stream()
                    .filter(difference -> !difference.name().equals(SHARD))
                    .map(Settings.Difference::sentence)
                    .toList();
            if (!differences.isEmpty()) {
                throw new Misuse("--join: %s: a shard of another evaluation (%s)"
                        .formatted(folder, String.join("; ", differences)));
            }
        }
    }

    /** Copies the parts that are not there yet. */
    public static void copy(List<Path> folders, Path out) {
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(
                                f -> String.valueOf(f.getFileName()).matches(PART))
                        .sorted()
                        .toList()) {
                    Path to = out.resolve(folder.relativize(file));
                    if (!Files.exists(to)) {
                        byte[] part = Files.readAllBytes(file);
                        AtomicFiles.createFolders(to.resolveSibling(""));
                        AtomicFiles.write(to, target -> target.write(part));
                    }
                }
            } catch (IOException e) {
                throw new DataException("--join: %s: cannot be read: %s".formatted(folder, e.getMessage()), e);
            }
        }
    }
}
