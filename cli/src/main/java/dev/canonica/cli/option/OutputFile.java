package dev.canonica.cli.option;

import dev.canonica.cli.terminal.Misuse;
import dev.canonica.tensor.io.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that results are written to. They take the place of earlier results, and of nothing that was asked for. */
public final class OutputFile {
    private static final String OPTION = "--outputs";

    private OutputFile() {}

    /**
     * Refuses a file that is what the command reads.
     *
     * @param read a file, or a folder of a model, whose files are read; an NPZ in it is none of these
     * @throws Misuse that names both options
     */
    public static void check(Path file, String option, Path read) {
        try {
            if (!Files.exists(file) || !Files.exists(read)) {
                return;
            }
            Path real = file.toRealPath();
            boolean folder = Files.isDirectory(read);
            if (folder
                    ? real.startsWith(read.toRealPath()) && !real.toString().endsWith(".npz")
                    : Files.isSameFile(real, read)) {
                throw new Misuse("%s: is %s, which would be lost; another file is needed"
                        .formatted(OPTION, folder ? "a file of " + option : option));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Refuses a file that cannot be written, before any work for it: its folder has to be there.
     *
     * @throws FormatException that names the file, and why
     */
    public static void requireWritable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FormatException(
                    file + ": cannot be written: it is " + (Files.isDirectory(file) ? "a folder" : "no regular file"));
        }
        if (folder == null || !Files.isDirectory(folder)) {
            throw new FormatException(file + ": cannot be written: there is no folder " + folder);
        }
        try {
            Files.delete(Files.createTempFile(folder, ".canonica", ".tmp"));
        } catch (IOException e) {
            throw new FormatException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }
}
