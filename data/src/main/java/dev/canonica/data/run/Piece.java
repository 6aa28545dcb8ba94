package dev.canonica.data.run;

import dev.canonica.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A part, or some rows of one, in a shard's folder.
 *
 * @param digest of the file when the shard was done
 */
record Piece(Path file, RunFolder.Entry entry, String digest) {
    /** Refuses a file that is missing, or not what it was. */
    void check() {
        AllShards.checkFile(file, entry.bytes(), digest);
    }

    /**
     * Pieces that hold different images; where all hold the same, as what every shard needs, one of them.
     *
     * @throws DataException if some hold the same, or all do and differ
     */
    static List<Piece> different(List<Piece> pieces) {
        Piece first = pieces.getFirst();
        if (pieces.stream().allMatch(p -> p.entry().items().equals(first.entry().items()))) {
            for (Piece other : pieces) {
                if (mismatch(first.file(), other.file())) {
                    throw new DataException(
                            "%s and %s: differ, and are to hold the same".formatted(first.file(), other.file()));
                }
            }
            return List.of(first);
        }
        Set<String> seen = new HashSet<>();
        for (Piece piece : pieces) {
            for (String item : piece.entry().items()) {
                if (!seen.add(item)) {
                    throw new DataException("%s: %s is in another shard, too".formatted(piece.file(), item));
                }
            }
        }
        return List.copyOf(pieces);
    }

    /** Whether two files hold other bytes. */
    static boolean mismatch(Path a, Path b) {
        try {
            return !a.equals(b) && Files.mismatch(a, b) >= 0;
        } catch (IOException e) {
            throw DataException.reading(b, e);
        }
    }
}
