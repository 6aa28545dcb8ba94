package dev.canonica.cadistill.student;

import dev.canonica.clarid.study.Extraction;
import dev.canonica.data.run.RunSettings;
import dev.canonica.data.set.Contents;
import dev.canonica.data.set.ImageSet;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.FormatException;
import dev.canonica.tensor.io.ItemDigest;
import dev.canonica.tensor.io.Npz;
import dev.canonica.tensor.operation.Finite;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code canonica extract} has left in a folder: of each of some images, its latent, CLARep, canonical sample and features.
 *
 * @param folder where it is
 * @param settings what it was made with, as {@code settings.json} says
 * @param count number of images
 * @param batch images in a file
 * @param digests of the images of each file, as {@link Extraction#digests} gives them
 */
public record StoredExtraction(
        Path folder, Map<String, Object> settings, int count, int batch, List<List<String>> digests) {
    private static final String CONTENTS = "contents";

    /**
     * Opens a folder.
     *
     * @throws ModelException if it holds no extraction, or one that is not complete
     */
    public static StoredExtraction open(Path folder) {
        RunSettings run = begun(folder)
                .orElseThrow(() -> new ModelException(folder + ": no extraction: " + RunSettings.FILE
                        + " is missing; canonica extract --out makes one"));
        if (!run.kind().equals("extraction")) {
            throw new ModelException("%s: the folder of %s, not of an extraction"
                    .formatted(
                            folder,
                            run.kind().isEmpty() ? "something else" : "another kind of run (" + run.kind() + ")"));
        }
        Map<String, Object> settings = run.all();
        Path file = folder.resolve(RunSettings.FILE);
        List<List<String>> digests = new ArrayList<>();
        StoredExtraction stored = new StoredExtraction(
                folder, settings, number(file, settings, "count"), number(file, settings, "batch"), digests);
        for (int i = 0; i < stored.batches(); i++) {
            digests.add(stored.held(i));
        }
        stored.checkContents();
        return stored;
    }

    private static Optional<RunSettings> begun(Path folder) {
        try {
            return RunSettings.read(folder);
        } catch (FormatException e) {
            throw new ModelException(e.getMessage() + "; canonica extract can make it again", e);
        }
    }

    /** The images of a file, which has to hold as many as it is to: an extraction of more images that was interrupted has files of fewer. */
    private List<String> held(int i) {
        Path file = file(i);
        Path name = folder.relativize(file);
        if (!Files.exists(file)) {
            throw notComplete(name + " is missing");
        }
        int wanted = Math.min(batch, count - i * batch);
        List<String> held = Extraction.digests(file);
        if (held.size() != wanted) {
            throw notComplete("%s holds %d images, where %d are to be".formatted(name, held.size(), wanted));
        }
        return held;
    }

    /** Requires the images that it was begun with last: one of others that was interrupted still has files of those before. */
    private void checkContents() {
        String wanted = text(CONTENTS);
        byte[][] all = digests.stream()
                .flatMap(List::stream)
                .map(HexFormat.of()::parseHex)
                .toArray(byte[][]::new);
        if (!wanted.isEmpty() && !ItemDigest.line(all).equals(wanted)) {
            throw notComplete("some of its files hold other images than those that it was begun with last");
        }
    }

    private ModelException notComplete(String why) {
        return new ModelException(
                "%s: not complete: %s; run its canonica extract again, which goes on".formatted(folder, why));
    }

    private static int number(Path file, Map<String, Object> settings, String name) {
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
     * Which images of a set it holds, known by their pixels and labels, whatever their names and places.
     *
     * @param images of the set, ascending
     * @param rows where each of them is here
     */
    record Matches(int[] images, int[] rows) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Matches m && Arrays.equals(images, m.images) && Arrays.equals(rows, m.rows);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(images);
        }

        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * Finds the images of a set.
     *
     * @throws ModelException if it holds none of them
     */
    Matches matches(ImageSet set) {
        Map<String, Integer> rows = new HashMap<>();
        int row = 0;
        for (List<String> file : digests) {
            for (String digest : file) {
                rows.put(digest, row++);
            }
        }
        for (IntUnaryOperator condition : conditions(set)) {
            byte[][] digests = Contents.digests(set, set.size(), condition);
            int[] images = new int[set.size()];
            int[] of = new int[set.size()];
            int found = 0;
            for (int i = 0; i < digests.length; i++) {
                Integer at = rows.get(HexFormat.of().formatHex(digests[i]));
                if (at != null) {
                    images[found] = i;
                    of[found++] = at;
                }
            }
            if (found > 0) {
                return new Matches(Arrays.copyOf(images, found), Arrays.copyOf(of, found));
            }
        }
        throw new ModelException(
                "%s: an extraction of %s, which holds none of the images of %s; extract those that are learned from"
                        .formatted(folder, text("images"), set.name()));
    }

    /** What may have been the model's class of an image, which its digest has: that of its label, a number that was given for it, or the only one. */
    private List<IntUnaryOperator> conditions(ImageSet set) {
        List<IntUnaryOperator> all = new ArrayList<>();
        if (!text("class ids").isEmpty()) {
            int[] ids = numbers("class ids");
            all.add(i -> set.label(i) < ids.length ? ids[set.label(i)] : -1);
        }
        all.add(set::label);
        all.add(i -> 0);
        return all;
    }

    private int[] numbers(String name) {
        try {
            return Arrays.stream(text(name).split(",", -1))
                    .mapToInt(word -> Integer.parseInt(word.strip()))
                    .toArray();
        } catch (NumberFormatException e) {
            throw new ModelException(
                    "%s: '%s' is '%s', not numbers with commas between"
                            .formatted(folder.resolve(RunSettings.FILE), name, text(name)),
                    e);
        }
    }

    /** Reads the images in these rows, in any order, a file at a time. */
    void read(int[] rows, Reader reader, String... arrays) {
        for (int i = 0; i < batches(); i++) {
            int from = i * batch;
            int to = Math.min(count, from + batch);
            int[] places = IntStream.range(0, rows.length)
                    .filter(p -> rows[p] >= from && rows[p] < to)
                    .toArray();
            if (places.length == 0) {
                continue;
            }
            long[] within = Arrays.stream(places).mapToLong(p -> rows[p] - from).toArray();
            try (Scope _ = Scope.open()) {
                Map<String, Tensor> all = Npz.read(file(i));
                Tensor wanted = Tensor.of(within, within.length);
                Tensor[] found = new Tensor[arrays.length];
                for (int a = 0; a < arrays.length; a++) {
                    found[a] = array(all, i, arrays[a]).gather(wanted);
                }
                reader.read(places, found);
            }
        }
    }

    /** An array of a file: of finite numbers, a row for each image. */
    private Tensor array(Map<String, Tensor> all, int i, String name) {
        Path file = file(i);
        Tensor t = all.get(name);
        if (t == null) {
            throw new ModelException("%s: no array '%s'; there are %s"
                    .formatted(file, name, String.join(", ", new TreeSet<>(all.keySet()))));
        }
        int images = digests.get(i).size();
        if (t.rank() == 0 || t.dim(0) != images) {
            throw new ModelException("%s: array '%s' has shape %s; a row for each of its %d images is needed"
                    .formatted(file, name, t.shape(), images));
        }
        return Finite.checked("%s: array '%s'".formatted(file, name), t);
    }

    /** Takes some rows of arrays. */
    interface Reader {
        /**
         * Takes rows.
         *
         * @param places which of the rows that were asked for these are
         * @param arrays in the order in which they were asked for
         */
        void read(int[] places, Tensor[] arrays);
    }
}
