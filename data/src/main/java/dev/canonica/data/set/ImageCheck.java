package dev.canonica.data.set;

import dev.canonica.data.Csv;
import dev.canonica.data.DataException;
import dev.canonica.data.image.Image;
import dev.canonica.tensor.io.AtomicFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Which images of a set can be read: known before long work starts, not in the middle of it. */
public final class ImageCheck {
    /** The file that names the images that were left out. */
    public static final String LEFT_OUT = "left-out.csv";

    private ImageCheck() {}

    /**
     * An image that cannot be read.
     *
     * @param index in the set
     * @param reason one line that names the file
     */
    public record Bad(int index, String id, String reason) {}

    /**
     * Reads all images once.
     *
     * @param done is told how many were read so far
     * @return those that cannot be, in the set's order
     */
    public static List<Bad> of(ImageSet set, IntConsumer done) {
        return of(set, set.size(), done);
    }

    /**
     * Reads images once, from the first on, until so many could be read.
     *
     * @param good images that are enough
     * @param done is told how many were read so far
     * @return those of them that cannot be, in the set's order
     */
    public static List<Bad> of(ImageSet set, int good, IntConsumer done) {
        List<Bad> bad = new ArrayList<>();
        for (int i = 0; i < set.size() && i - bad.size() < good; i++) {
            try {
                set.image(i);
            } catch (DataException e) {
                bad.add(new Bad(i, set.id(i), String.valueOf(e.getMessage())));
            }
            done.accept(i + 1);
        }
        return List.copyOf(bad);
    }

    /**
     * The set without these images.
     *
     * @throws DataException if none is left
     */
    public static ImageSet without(ImageSet set, List<Bad> bad) {
        if (bad.isEmpty()) {
            return set;
        }
        if (bad.size() == set.size()) {
            throw new DataException("%s: none of %d images can be read, first %s"
                    .formatted(set.name(), set.size(), bad.getFirst().reason()));
        }
        Set<Integer> out = new HashSet<>();
        bad.forEach(b -> out.add(b.index()));
        return Subset.of(
                set,
                IntStream.range(0, set.size()).filter(i -> !out.contains(i)).toArray());
    }

    /** Writes a table of them: columns {@code file} and {@code reason}. Where there are none, one that was left by an earlier run is deleted. */
    public static void write(List<Bad> bad, Path file) {
        if (bad.isEmpty()) {
            AtomicFiles.delete(file);
            return;
        }
        StringBuilder table = new StringBuilder("file,reason\n");
        bad.forEach(b -> table.append(Csv.row(List.of(b.id(), b.reason()))).append('\n'));
        AtomicFiles.write(file, table.toString());
    }

    /** The first image that can be read; if none can, the failure of the first. */
    static Image firstOf(int size, IntFunction<Image> read) {
        DataException first = null;
        for (int i = 0; i < size; i++) {
            try {
                return read.apply(i);
            } catch (DataException e) {
                first = first == null ? e : first;
            }
        }
        throw first == null ? new DataException("no images") : first;
    }
}
