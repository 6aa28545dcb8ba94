package dev.canonica.cuda.driver;

import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.ItemDigest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compiled kernels in files, each under the hash of all that it is made of. A file begins with the SHA-256 of its key and of what follows, so that one that
 * is damaged, or cut short, is known and counts as absent. What is in this folder is run: it belongs to this user, and nobody else can read or write it.
 *
 * <p>Any number of processes may use a folder at a time: files are whole or not there ({@link AtomicFiles}).
 */
final class ImageCache {
    private static final String SUFFIX = ".kernels";
    private static final String UNFINISHED = ".tmp";
    private static final int DIGEST = 32;
    private static final Duration ABANDONED = Duration.ofHours(1);
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rw-------");

    private final Path folder;
    private final long limit;

    /**
     * A cache in a folder, which is made if it is not there.
     *
     * @param limit bytes of all files together, beyond which those that were not used for longest are deleted
     * @throws IOException if there can be no such folder, or if it is another user's
     */
    ImageCache(Path folder, long limit) throws IOException {
        Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
        this.folder = folder.toRealPath();
        this.limit = limit;
        Path probe = Files.createTempFile(this.folder, "owner", UNFINISHED);
        UserPrincipal self = Files.getOwner(probe);
        Files.delete(probe);
        if (!Files.getOwner(this.folder).equals(self)) {
            throw new IOException(folder + " belongs to another user");
        }
        Files.setPosixFilePermissions(this.folder, PRIVATE);
    }

    /** Where the cache is by default: in {@code $XDG_CACHE_HOME}, if that is an absolute path, or in {@code ~/.cache}. */
    static Path usual(Map<String, String> environment, String home) {
        Path asked = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
        return (asked.isAbsolute() ? asked : Path.of(home, ".cache")).resolve("canonica/kernels");
    }

    /** What was put under a key; null if nothing was, or if it is damaged. */
    byte @Nullable [] get(String key) throws IOException {
        Path file = file(key);
        byte[] all;
        try {
            all = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return null; // not compiled yet
        }
        byte[] image = Arrays.copyOfRange(all, Math.min(DIGEST, all.length), all.length);
        if (all.length < DIGEST || !Arrays.equals(all, 0, DIGEST, digest(key, image), 0, DIGEST)) {
            Files.deleteIfExists(file);
            return null;
        }
        touch(file);
        return image;
    }

    /** Puts an image under a key, and makes room for it. */
    void put(String key, byte[] image) throws IOException {
        byte[] all = Arrays.copyOf(digest(key, image), DIGEST + image.length);
        System.arraycopy(image, 0, all, DIGEST, image.length);
        AtomicFiles.write(file(key), out -> out.write(all), PosixFilePermissions.asFileAttribute(OWN));
        makeRoom(file(key), DIGEST + image.length);
    }

    private Path file(String key) {
        return folder.resolve(key + SUFFIX);
    }

    private static byte[] digest(String key, byte[] image) {
        MessageDigest digest = ItemDigest.sha256();
        digest.update(Sha256.bytes(key));
        return digest.digest(image);
    }

    /** The time of its last use, by which files are deleted; another process may have deleted it already. */
    private static void touch(Path file) throws IOException {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (NoSuchFileException e) {
            return; // what was read is good all the same
        }
    }

    /** A file as it was when the folder was read. */
    private record Entry(Path file, long bytes, FileTime used) {}

    private void makeRoom(Path newest, long bytes) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                try {
                    entries.add(new Entry(file, Files.size(file), Files.getLastModifiedTime(file)));
                } catch (NoSuchFileException e) {
                    // another process has deleted or moved it
                }
            }
        }
        FileTime abandoned = FileTime.from(Instant.now().minus(ABANDONED));
        entries.sort(Comparator.comparing(Entry::used).reversed());
        long total = bytes; // of the newest, which stays, whatever the clock of the file system says
        for (Entry e : entries) {
            String name = e.file().toString();
            if (name.endsWith(SUFFIX) && !e.file().equals(newest)) {
                total += e.bytes();
                if (total > limit) {
                    Files.deleteIfExists(e.file());
                }
            } else if (name.endsWith(UNFINISHED) && e.used().compareTo(abandoned) < 0) {
                Files.deleteIfExists(e.file());
            }
        }
    }
}
