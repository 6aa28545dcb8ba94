package dev.canonica.tensor.io;

import dev.canonica.tensor.io.FileWatch.Operation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * A file that is being written beside the one that it will be, under a name that no other writer has. The system's lock on it says that its writer
 * lives: what is found without one was left by a writer that was killed, and is deleted when the folder is next written to.
 */
final class TemporaryFile implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("\\..*\\.[0-9a-f]{16}\\.part", Pattern.DOTALL);
    private static final String GLOB = ".*.part";

    /** Characters of the file's own name in the temporary one, so that no file system finds the latter too long. */
    private static final int SHOWN = 32;

    private static final int CHUNK = 1 << 16;
    private static final int MANY_FOLDERS = 1000;

    /** What this process is writing; its own locks do not tell it. */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    /** Folders that this process has looked through. */
    private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path target;
    private final FileChannel channel;

    private TemporaryFile(Path path, Path target, FileChannel channel) {
        this.path = path;
        this.target = target;
        this.channel = channel;
    }

    /** One for {@code target}; the first in a folder clears away what killed writers have left there. */
    static TemporaryFile beside(Path target, FileAttribute<?>... attributes) throws IOException {
        Path folder = AtomicFiles.folder(target);
        if (SWEPT.size() > MANY_FOLDERS) {
            SWEPT.clear();
        }
        if (!SWEPT.contains(folder)) {
            sweep(folder);
        }
        while (true) {
            Path path = folder.resolve(name(target));
            OPEN.add(path);
            try {
                AtomicFiles.tell(Operation.CREATE, path);
                FileChannel channel = FileChannel.open(
                        path, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
                if (locked(channel) && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                    return new TemporaryFile(path, target, channel);
                }
                channel.close(); // another process took it for a leftover before it was locked
                OPEN.remove(path);
            } catch (IOException | RuntimeException | Error e) {
                OPEN.remove(path);
                throw e;
            }
        }
    }

    private static String name(Path target) {
        String name = String.valueOf(target.getFileName());
        int end = name.offsetByCodePoints(0, Math.min(SHOWN, name.codePointCount(0, name.length())));
        return "." + name.substring(0, end) + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE) + ".part";
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException | OverlappingFileLockException e) {
            return true; // a file system without locks: there, leftovers cannot be told from files in work either, and
            // stay
        }
    }

    /** Deletes what writers that are no more have left in a folder. */
    static void sweep(Path folder) {
        SWEPT.add(folder);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, GLOB)) {
            for (Path file : files) {
                if (NAME.matcher(file.getFileName().toString()).matches() && !OPEN.contains(file)) {
                    deleteAbandoned(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // leftovers are harmless; what is wrong with the folder is said by what is written to it
        }
    }

    private static void deleteAbandoned(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            if (channel.tryLock() != null) {
                AtomicFiles.tell(Operation.DELETE, file);
                Files.delete(file);
            }
        } catch (NoSuchFileException | OverlappingFileLockException e) {
            // another process has deleted it, or another class loader of this one writes it
        }
    }

    /** What this process knows of folders and files: a test goes on as another process. */
    static void forget() {
        SWEPT.clear();
        OPEN.clear();
    }

    /** The file's content. */
    OutputStream content() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] b, int from, int length) throws IOException {
                for (int done = 0; done < length; done += CHUNK) { // larger ones would be copied as a whole
                    ByteBuffer chunk = ByteBuffer.wrap(b, from + done, Math.min(CHUNK, length - done));
                    while (chunk.hasRemaining()) {
                        AtomicFiles.tell(Operation.WRITE, path);
                        channel.write(chunk);
                    }
                }
            }
        };
    }

    /** Forces the content to the disk and moves it into place; whoever looks finds the old file or the new one. */
    void moveIntoPlace() throws IOException {
        AtomicFiles.tell(Operation.FORCE, path);
        channel.force(true);
        AtomicFiles.tell(Operation.RENAME, target);
        try {
            Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(path, target, StandardCopyOption.REPLACE_EXISTING);
        }
        AtomicFiles.force(AtomicFiles.folder(target));
    }

    /** Deletes it where it is not in place. */
    void discard(Throwable why) {
        try {
            AtomicFiles.tell(Operation.DELETE, path);
            Files.deleteIfExists(path);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    @Override
    public void close() throws IOException {
        OPEN.remove(path);
        channel.close();
    }
}
