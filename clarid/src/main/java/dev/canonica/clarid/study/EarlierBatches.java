package dev.canonica.clarid.study;

import dev.canonica.data.DataException;
import dev.canonica.tensor.CanonicaException;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.AtomicFiles;
import dev.canonica.tensor.io.Npz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The batches of an extraction whose set has got or lost images since: their files are put aside, and an image's arrays are taken from there by its
 * digest instead of being computed again. They go when all that is asked for is there.
 */
final class EarlierBatches {
    private static final String SUFFIX = ".npz";

    /** Where an image's arrays are. */
    private record Place(Path file, int row) {}

    private final Path folder;
    private final Map<String, Place> places = new HashMap<>();

    /** The file that was read last: an image's neighbours mostly lie beside it. */
    private @Nullable Path read;

    private Map<String, Tensor> arrays = Map.of();

    /** What {@code folder}, which need not be there, holds. */
    EarlierBatches(Path folder) {
        this.folder = folder;
        for (Path file : files()) {
            List<String> digests = digests(file);
            for (int row = 0; row < digests.size(); row++) {
                places.putIfAbsent(digests.get(row), new Place(file, row));
            }
        }
    }

    /**
     * The digests of a file's images.
     *
     * @throws DataException if it cannot be read
     */
    static List<String> digests(Path file) {
        try {
            return Extraction.digests(file);
        } catch (CanonicaException e) {
            throw new DataException(e.getMessage() + "; delete it and it is computed again", e);
        }
    }

    boolean has(String digest) {
        return places.containsKey(digest);
    }

    /** The arrays of an image that is there, each [1, …], in the caller's scope. */
    Map<String, Tensor> of(String digest) {
        Place place = places.get(digest);
        if (place == null) {
            throw new IllegalArgumentException("no image of digest " + digest);
        }
        if (!place.file().equals(read)) {
            Npz.verify(place.file());
            arrays = Npz.read(place.file());
            read = place.file();
        }
        Map<String, Tensor> row = new LinkedHashMap<>();
        arrays.forEach((name, all) -> row.put(name, all.rows(place.row(), place.row() + 1)));
        return row;
    }

    /** Forgets the arrays that were read, before the scope that they are of ends. */
    void forget() {
        read = null;
        arrays = Map.of();
    }

    /** Deletes them: none is asked for any more. */
    void delete() {
        if (Files.isDirectory(folder)) {
            files().forEach(AtomicFiles::delete);
            AtomicFiles.delete(folder);
        }
    }

    private List<Path> files() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList();
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }
}
