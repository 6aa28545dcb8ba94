package dev.canonica.tensor.io;

import java.nio.file.Path;

/**
 * Is told of each change of the file system before {@link AtomicFiles} makes it, so that a test can stop a run between any two. What a watch throws goes to
 * the caller of the operation, which is not done. Without a watch this costs one read of a field.
 */
@FunctionalInterface
public interface FileWatch {
    /** A change of the file system. */
    enum Operation {
        /** A folder is made, in one that is there. */
        CREATE_FOLDER,
        /** A temporary file is made. */
        CREATE,
        /** The next bytes go into a temporary file. */
        WRITE,
        /** A temporary file's bytes are forced to the disk. */
        FORCE,
        /** A temporary file takes the place of what has its final name. */
        RENAME,
        /** A folder's list of names is forced to the disk, so that a new or renamed file is found after a failure of power. */
        FORCE_FOLDER,
        /** A file is removed. */
        DELETE
    }

    /** {@code operation} is about to be done on {@code file}: for a RENAME the file that is to be in place, else the temporary one or the folder. */
    void before(Operation operation, Path file);

    /**
     * Runs {@code work} under a watch of all threads of the process. To the operations it is a process of its own: what it leaves unfinished is the
     * leftover of a killed writer to those that come after.
     *
     * @throws IllegalStateException if there is a watch already
     */
    static void during(FileWatch watch, Runnable work) {
        if (!AtomicFiles.WATCH.compareAndSet(null, watch)) {
            throw new IllegalStateException("files are watched already");
        }
        try {
            work.run();
        } finally {
            AtomicFiles.WATCH.set(null);
            TemporaryFile.forget();
        }
    }
}
