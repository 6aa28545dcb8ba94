package dev.canonica.tensor.io;

import dev.canonica.tensor.io.FileWatch.Operation;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Files that are whole or not there, whenever a process is killed or a machine loses its power: written under a temporary name beside, forced to the disk,
 * moved into place, and the folder forced to the disk. All files of the project are written, and deleted, here; a {@link FileWatch} sees each step.
 */
public final class AtomicFiles {
    /** Of the process; null but in tests. */
    static final AtomicReference<@Nullable FileWatch> WATCH = new AtomicReference<>();

    private static final int BUFFER = 1 << 16;

    private AtomicFiles() {}

    /** Writes a file's content. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes all of the file from its beginning; the stream is buffered, and closed and forced to the disk by who calls this.
         *
         * @throws IOException if that fails; then no file appears
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes {@code file}; if that fails, neither it nor the temporary file is left, and an older {@code file} stays as it was. Of two who write it at a
     * time the later has its way.
     *
     * @param attributes those of the new file, as of {@link Files#createFile}
     * @throws FormatException if the file cannot be written, or if its name is that of something that is no regular file
     */
    public static void write(Path file, Content content, FileAttribute<?>... attributes) {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new FormatException(file + ": cannot be written: it is "
                        + (Files.isDirectory(file) ? "a folder" : "no regular file"));
            }
            try (TemporaryFile temporary = TemporaryFile.beside(file, attributes)) {
                try {
                    OutputStream out = new BufferedOutputStream(temporary.content(), BUFFER);
                    content.writeTo(out);
                    out.flush();
                    temporary.moveIntoPlace();
                } catch (IOException | RuntimeException | Error e) {
                    temporary.discard(e);
                    throw e;
                }
            }
        } catch (IOException e) {
            throw FormatException.of(file, "written", e);
        }
    }

    /**
     * Writes {@code text} in UTF-8 to {@code file}, as {@link #write(Path, Content, FileAttribute...)} does.
     *
     * @throws FormatException if the file cannot be written
     */
    public static void write(Path file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        write(file, out -> out.write(bytes));
    }

    /**
     * Makes a folder, and those around it, where they are not there.
     *
     * @throws FormatException if a folder cannot be made
     */
    public static void createFolders(Path folder) {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path p = folder.toAbsolutePath(); p != null && !Files.isDirectory(p); p = p.getParent()) {
            missing.push(p);
        }
        try {
            for (Path p : missing) {
                tell(Operation.CREATE_FOLDER, p);
                create(p);
                force(folder(p));
            }
        } catch (IOException e) {
            throw FormatException.of(folder, "made a folder", e);
        }
    }

    /**
     * Makes a folder, and those around it, for work that writes to it. If the work fails, those of them that were made for it and in which there is nothing go again.
     *
     * @throws FormatException if a folder cannot be made
     */
    public static void inFolders(Path folder, Runnable work) {
        List<Path> made = new ArrayList<>();
        for (Path p = folder.toAbsolutePath(); p != null && !Files.exists(p); p = p.getParent()) {
            made.add(p);
        }
        createFolders(folder);
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            for (Path p : made) {
                try {
                    Files.deleteIfExists(p);
                } catch (IOException full) {
                    break; // something is in it, which stays
                }
            }
            throw e;
        }
    }

    private static void create(Path folder) throws IOException {
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) { // else another process was quicker
                throw e;
            }
        }
    }

    /**
     * Clears away what killed writers have left in a folder. The first file that a process writes to a folder does this, too; who goes on in one may
     * find nothing to write.
     */
    public static void sweep(Path folder) {
        TemporaryFile.sweep(folder.toAbsolutePath());
    }

    /**
     * Deletes {@code file} if it is there.
     *
     * @throws FormatException if it cannot be deleted
     */
    public static void delete(Path file) {
        tell(Operation.DELETE, file);
        try {
            if (Files.deleteIfExists(file)) {
                force(folder(file));
            }
        } catch (IOException e) {
            throw FormatException.of(file, "deleted", e);
        }
    }

    /**
     * Gives a file another name on the same file system, in the place of a file that has it; it is there whole under one of the two at every moment.
     *
     * @throws FormatException if it cannot be moved
     */
    public static void move(Path file, Path to) {
        tell(Operation.RENAME, to);
        try {
            Files.move(file, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(folder(to));
            force(folder(file));
        } catch (IOException e) {
            throw FormatException.of(file, "moved to " + to, e);
        }
    }

    /** Tells the watch, if there is one. */
    static void tell(Operation operation, Path file) {
        FileWatch watch = WATCH.get();
        if (watch != null) {
            watch.before(operation, file);
        }
    }

    /** Where a file lies. */
    static Path folder(Path file) {
        Path absolute = file.toAbsolutePath();
        Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    /** Forces a folder's names to the disk. */
    static void force(Path folder) {
        tell(Operation.FORCE_FOLDER, folder);
        try (FileChannel channel = FileChannel.open(folder)) {
            channel.force(true);
        } catch (IOException e) {
            // not every system lets one (Windows and some network file systems do not); the file itself is whole and in
            // place
        }
    }
}
