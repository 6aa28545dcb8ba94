package dev.canonica.cuda.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Loads JCuda's native libraries.
 *
 * <p>JCuda unpacks them under a fixed name into the folder for temporary files, and takes what it finds there for its own. Here it is given a
 * folder that this user alone can read and that nobody has seen before; loaded libraries stay when their files are deleted.
 */
public final class Natives {
    private static final String FOLDER = "java.io.tmpdir";

    private Natives() {}

    /**
     * Runs {@code first}, the first use of a class of JCuda that loads a library.
     *
     * @throws UnsatisfiedLinkError if the library, or one that it needs, is not there
     */
    public static synchronized void load(Runnable first) {
        String usual = System.getProperty(FOLDER);
        Path own;
        try {
            own = Files.createTempDirectory("canonica-cuda"); // rwx------
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for JCuda's libraries can be made in " + usual, e);
        }
        System.setProperty(FOLDER, own.toString());
        try {
            first.run();
        } finally {
            System.setProperty(FOLDER, usual);
            delete(own);
        }
    }

    /** Of JCuda's page on a library that does not load, the line of the system's own linker. */
    public static String reason(Throwable e) {
        String message = String.valueOf(e.getMessage());
        return message.lines()
                .filter(line -> line.contains("cannot open shared object"))
                .map(line -> line.replaceFirst(".*: (.*: cannot open shared object)", "$1"))
                .findFirst()
                .orElseGet(() -> message.lines().findFirst().orElse("no reason is given"));
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : List.copyOf(files.toList())) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            System.getLogger("dev.canonica.cuda")
                    .log(System.Logger.Level.WARNING, "left behind, for it cannot be deleted: " + folder, e);
        }
    }
}
