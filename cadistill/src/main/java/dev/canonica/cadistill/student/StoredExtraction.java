package dev.canonica.cadistill.student;

import dev.canonica.clarid.study.Extraction;
import dev.canonica.data.set.Contents;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.JsonText;
import dev.canonica.tensor.io.Npz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code canonica extract} has left in a folder: of each of the first images of a set, its latent, CLARep, canonical sample and features.
 *
 * @param folder where it is
 * @param settings what it was made with, as {@code settings.json} says
 * @param count number of images
 * @param batch images in a file
 */
public record StoredExtraction(Path folder, Map<String, @Nullable Object> settings, int count, int batch) {
    private static final String SETTINGS = "settings.json";

    /**
     * Opens a folder.
     *
     * @throws ModelException if it holds no extraction, or one that is not complete
     */
    public static StoredExtraction open(Path folder) {
        Path file = folder.resolve(SETTINGS);
        if (!Files.exists(file)) {
            throw new ModelException(
                    folder + ": no extraction: " + SETTINGS + " is missing; canonica extract --out makes one");
        }
        Map<String, @Nullable Object> settings;
        try {
            settings = JsonText.read(file);
        } catch (FormatException e) {
            throw new ModelException(e.getMessage() + "; canonica extract can make it again", e);
        }
        if (!"extraction".equals(settings.get("kind"))) {
            throw new ModelException("%s: the folder of %s, not of an extraction"
                    .formatted(
                            folder,
                            settings.get("kind") instanceof String kind
                                    ? "another kind of run (" + kind + ")"
                                    : "something else"));
        }
        StoredExtraction stored = new StoredExtraction(
                folder, settings, number(file, settings, "count"), number(file, settings, "batch"));
        for (int i = 0; i < stored.batches(); i++) {
            if (!Files.exists(stored.file(i))) {
                throw new ModelException(
                        "%s: not complete: %s is missing; run its canonica extract again, which goes on"
                                .formatted(folder, folder.relativize(stored.file(i))));
            }
        }
        return stored;
    }

    private static int number(Path file, Map<String, @Nullable Object> settings, String name) {
        if (settings.get(name) instanceof Long n && n > 0 && n <= Integer.MAX_VALUE) {
            return n.intValue();
        }
        throw new ModelException(file + ": '" + name + "' is " + settings.get(name) + ", not a number of images");
    }

    int batches() {
        return Math.ceilDiv(count, batch);
    }

    Path file(int i) {
        return Extraction.file(folder, i);
    }

    /** A setting as a text; empty if there is none. */
    String text(String name) {
        Object value = settings.get(name);
        return value == null ? "" : value.toString();
    }

    /**
     * Checks that its images are the first ones of a set, by what they hold.
     *
     * @throws ModelException if they are not
     */
    public void check(ImageSet set) {
        if (set.size() < count || !Contents.digest(set, count).equals(text("contents"))) {
            throw new ModelException(
                    "%s: an extraction of %s, whose images are not the first %d of %s; extract those of the set that is learned from"
                            .formatted(folder, text("images"), count, set.name()));
        }
    }

    /** Reads the images of these numbers, which ascend, file by file. */
    void read(int[] images, Reader reader, String... arrays) {
        int at = 0;
        for (int i = 0; i < batches() && at < images.length; i++) {
            int from = i * batch;
            int to = Math.min(count, from + batch);
            int end = at;
            while (end < images.length && images[end] < to) {
                end++;
            }
            if (end == at) {
                continue;
            }
            long[] rows = new long[end - at];
            for (int j = at; j < end; j++) {
                rows[j - at] = images[j] - from;
            }
            try (Scope _ = Scope.open()) {
                Tensor[] found = new Tensor[arrays.length];
                Tensor wanted = Tensor.of(rows, rows.length);
                for (int a = 0; a < arrays.length; a++) {
                    found[a] = rows(i, arrays[a]).gather(wanted);
                }
                reader.read(at, found);
            }
            at = end;
        }
    }

    private Tensor rows(int i, String array) {
        Map<String, Tensor> all = Npz.read(file(i));
        Tensor t = all.get(array);
        if (t == null) {
            throw new ModelException(
                    "%s: no array '%s'; there are %s".formatted(file(i), array, String.join(", ", all.keySet())));
        }
        return Objects.requireNonNull(t);
    }

    /** Takes some rows of arrays. */
    interface Reader {
        /**
         * Takes rows.
         *
         * @param first which of the images that are read the first is
         * @param arrays in the order in which they were asked for
         */
        void read(int first, Tensor[] arrays);
    }
}
