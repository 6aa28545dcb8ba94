package dev.canonica.data.run;

import dev.canonica.data.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a folder, or a file that is to be written, for one command at a time, by the system's lock on a file in or beside it that says who has it. The system gives the lock back when its process ends,
 * however it ends.
 */
public final class FolderLock implements AutoCloseable {
    private static final String NAME = ".lock";

    /** Bytes of a file's name with which the name of its lock is not too long. */
    private static final int LONGEST = 200;

    /** Far behind what is written, which others read. */
    private static final long PLACE = Long.MAX_VALUE - 1;

    /** Folders and files of this process: closing any channel of a file would give the process's lock on it back. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    /** Channels of files that another class loader of this process has locked; for the same reason they stay open. */
    private static final List<FileChannel> FOREIGN = Collections.synchronizedList(new ArrayList<>());

    private final Path held;
    private final Path file;
    private final FileChannel channel;

    private FolderLock(Path held, Path file, FileChannel channel) {
        this.held = held;
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes a folder, which is there.
     *
     * @param what the kind of run, for who comes second
     * @throws DataException if another has it; it says who
     */
    public static FolderLock take(Path folder, String what) {
        try {
            Path real = folder.toRealPath();
            return take(folder, real, real.resolve(NAME), what);
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be locked: " + DataException.reason(e), e);
        }
    }

    /**
     * Takes a file that is to be written, by a lock beside it. Where that cannot be, because its folder is not there or cannot be written to, or on a file
     * system without locks, nothing is taken: what is wrong with the place is said by who writes the file, as a whole.
     *
     * @param what the kind of run, for who comes second
     * @throws DataException if another has it; it says who
     */
    public static Optional<FolderLock> takeFile(Path file, String what) {
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        Path name = absolute.getFileName();
        if (folder == null || name == null || Files.exists(file) && !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            Path real = folder.toRealPath().resolve(name);
            boolean shown = name.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST;
            String beside = "." + (shown ? name : Integer.toHexString(name.hashCode())) + NAME;
            return Optional.of(take(file, real, real.resolveSibling(beside), what));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static FolderLock take(Path shown, Path held, Path file, String what) throws IOException {
        if (!HELD.add(held)) {
            throw taken(shown, "this process");
        }
        try {
            return locked(shown, held, file, what);
        } catch (IOException | RuntimeException | Error e) {
            HELD.remove(held);
            throw e;
        }
    }

    /** Who has a folder; empty where nobody has. It may be one that this process cannot write to. */
    static Optional<String> holderOf(Path folder) {
        Path file = folder.resolve(NAME);
        try {
            if (HELD.contains(folder.toRealPath())) {
                return Optional.of("this process");
            }
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            try {
                boolean free = channel.tryLock(PLACE, 1, true) != null;
                channel.close();
                return free ? Optional.empty() : Optional.of(holder(file));
            } catch (OverlappingFileLockException e) {
                FOREIGN.add(channel);
                return Optional.of("this process");
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            return Optional.empty(); // no file, or a file system without locks
        }
    }

    /** Whether a path is that of the file by which a folder is kept. */
    static boolean isLock(Path folder, Path file) {
        return file.equals(folder.resolve(NAME));
    }

    private static FolderLock locked(Path shown, Path held, Path file, String what) throws IOException {
        Instant started = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
        byte[] holder = "process %d (%s, started %s)"
                .formatted(ProcessHandle.current().pid(), what, started.truncatedTo(ChronoUnit.SECONDS))
                .getBytes(StandardCharsets.UTF_8);
        while (true) {
            FileChannel channel = FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            FileLock lock;
            try {
                lock = channel.tryLock(PLACE, 1, false);
            } catch (OverlappingFileLockException e) {
                FOREIGN.add(channel);
                throw taken(shown, "this process");
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            if (lock == null) {
                channel.close();
                throw taken(shown, holder(file));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(holder), 0);
            if (isAt(file, channel)) {
                return new FolderLock(held, file, channel);
            }
            channel.close(); // the one before has deleted the file between our opening and locking it
        }
    }

    /** Whether the file that we have locked is the one that others find: a byte that we add is seen through the name. */
    private static boolean isAt(Path file, FileChannel channel) throws IOException {
        try {
            long size = channel.size();
            boolean before = Files.size(file) == size;
            channel.write(ByteBuffer.wrap(new byte[] {'\n'}), size);
            return before && Files.size(file) == size + 1;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static DataException taken(Path folder, String holder) {
        return new DataException(
                "%s: in use by %s; wait until it has ended, or give another --out".formatted(folder, holder));
    }

    /** Who has it, by the file of another process. */
    private static String holder(Path file) {
        try {
            String holder = Files.readString(file).strip();
            return holder.isEmpty() ? "another process" : holder;
        } catch (IOException e) {
            return "another process"; // that is just beginning, or ending
        }
    }

    /** Gives the folder back. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(file); // while it is locked: who has opened it meanwhile sees that it is gone
            channel.close();
        } catch (IOException e) {
            throw new DataException(file + ": cannot be given back: " + DataException.reason(e), e);
        } finally {
            HELD.remove(held);
        }
    }
}
