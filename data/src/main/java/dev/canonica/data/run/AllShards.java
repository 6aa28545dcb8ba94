package dev.canonica.data.run;

import dev.canonica.data.DataException;
import dev.canonica.tensor.io.ItemDigest;
import dev.canonica.tensor.io.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The shards of one work as they are found, in any order. All of them are of the same division and the same settings, and each is there once.
 *
 * @param <T> what a shard says of itself
 */
public final class AllShards<T> {
    /** So many of those that are missing are named. */
    private static final int SHOWN = 8;

    private final SortedMap<Integer, Found<T>> byNumber = new TreeMap<>();

    /** None yet. */
    public AllShards() {}

    /**
     * A shard.
     *
     * @param place its folder or file
     * @param settings what it has in common with the others
     */
    public record Found<T>(Path place, Shard shard, Settings settings, T says) {}

    /**
     * One more.
     *
     * @throws DataException if it is one of another number of shards, of other settings, or there already
     */
    public void add(Found<T> found) {
        if (!byNumber.isEmpty()) {
            Found<T> other = byNumber.firstEntry().getValue();
            if (found.shard().count() != other.shard().count()) {
                throw new DataException("%s: shard %s, where %s is one of %d"
                        .formatted(
                                found.place(),
                                found.shard(),
                                other.place(),
                                other.shard().count()));
            }
            compare(found.place(), found.settings(), other.place(), other.settings());
        }
        Found<T> same = byNumber.putIfAbsent(found.shard().index(), found);
        if (same != null) {
            throw new DataException(
                    "%s and %s: both are shard %s".formatted(same.place(), found.place(), found.shard()));
        }
    }

    /**
     * Refuses settings that differ from those of another place.
     *
     * @throws DataException that names both places and what differs
     */
    static void compare(Path place, Settings settings, Path other, Settings its) {
        List<Settings.Difference> differences = settings.since(its);
        if (!differences.isEmpty()) {
            throw new DataException("%s: other settings than %s (%s)"
                    .formatted(place, other, Settings.Difference.sentences(differences)));
        }
    }

    /**
     * Refuses a file that a shard has made and that is missing, or not what was written.
     *
     * @param digest of the file when it was written, as {@link #digest} gives it
     * @throws DataException that says what helps
     */
    public static void checkFile(Path file, long bytes, String digest) {
        long length = file.toFile().length();
        if (Files.exists(file) && length != bytes) {
            throw notWritten(file, "damaged: %d bytes; it had %d when it was written".formatted(length, bytes));
        }
        checkFile(file, digest);
    }

    /** As above, of a file whose length nobody has noted. */
    static void checkFile(Path file, String digest) {
        if (Files.notExists(file)) { // not where nobody can tell: reading it says why
            throw new DataException(file + ": is missing; run the shard's command again, and it is written again");
        }
        if (!digest(file).equals(digest)) {
            throw notWritten(file, "damaged or exchanged: it holds other bytes than when it was written");
        }
    }

    private static DataException notWritten(Path file, String wrong) {
        return new DataException(
                "%s: %s; delete it and run the shard's command again, and it is written again".formatted(file, wrong));
    }

    /**
     * What a file holds, in a line: its SHA-256.
     *
     * @throws DataException if it cannot be read
     */
    public static String digest(Path file) {
        MessageDigest sha = ItemDigest.sha256();
        try {
            ItemDigest.update(sha, file);
        } catch (IOException e) {
            throw DataException.reading(file, e);
        }
        return "SHA-256 " + HexFormat.of().formatHex(sha.digest());
    }

    /**
     * All, by their numbers.
     *
     * @throws DataException if one is missing
     */
    public List<Found<T>> complete() {
        int count = byNumber.isEmpty()
                ? 1
                : byNumber.firstEntry().getValue().shard().count();
        int missing = count - byNumber.size();
        if (missing > 0) {
            String first = IntStream.range(0, count)
                    .filter(i -> !byNumber.containsKey(i))
                    .limit(SHOWN)
                    .mapToObj(i -> new Shard(i, count).toString())
                    .collect(Collectors.joining(", "));
            throw new DataException("%s missing: shard %s%s"
                    .formatted(missing == 1 ? "one is" : missing + " are", first, missing > SHOWN ? ", …" : ""));
        }
        return List.copyOf(byNumber.values());
    }
}
