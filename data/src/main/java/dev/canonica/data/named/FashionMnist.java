package dev.canonica.data.named;

import dev.canonica.data.DataException;
import dev.canonica.data.set.Idx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fashion-MNIST: 60,000 + 10,000 grey images of 28 × 28 pixels of ten kinds of garments (Xiao, Rasul, Vollgraf,
 * arXiv 1708.07747; MIT licence). The files are not shipped: they are found where a user has them.
 */
public final class FashionMnist {

    /** The classes, in the order of the labels; fit for file names. */
    public static final List<String> CLASSES = List.of(
            "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot");

    static final String CURE =
            "apt install dataset-fashion-mnist, or put its four IDX files in a folder and name it with"
                    + " --data-dir DIR or CANONICA_DATA";

    private FashionMnist() {}

    /** The two parts of the data set. */
    public enum Part implements Named {
        /** The 60,000 images to learn from. */
        TRAIN("train"),
        /** The 10,000 images to test on. */
        TEST("t10k");

        private final String prefix;

        Part(String prefix) {
            this.prefix = prefix;
        }

        String images() {
            return prefix + "-images-idx3-ubyte";
        }

        String labels() {
            return prefix + "-labels-idx1-ubyte";
        }
    }

    /**
     * Reads one part.
     *
     * @param roots the folders to look in, best first: {@link DataSets#roots}
     * @throws DataException if the files are in none of them, or are corrupt
     */
    public static Idx open(Part part, List<Path> roots) {
        Path folder = find(roots)
                .orElseThrow(() -> new DataException("Fashion-MNIST is missing (looked in "
                        + String.join(
                                ", ", places(roots).stream().map(Path::toString).toList()) + "): " + CURE));
        Path images = file(folder, part.images()).orElseThrow();
        Path labels = file(folder, part.labels()).orElseThrow();
        return Idx.open("fashion-mnist:" + part.id(), images, labels, CLASSES);
    }

    /** The first folder that holds all four files. */
    public static Optional<Path> find(List<Path> roots) {
        return places(roots).stream().filter(FashionMnist::complete).findFirst();
    }

    private static List<Path> places(List<Path> roots) {
        List<Path> places = new ArrayList<>();
        for (Path root : roots) {
            places.add(root.resolve("fashion-mnist"));
            places.add(root);
        }
        return places;
    }

    private static boolean complete(Path folder) {
        for (Part part : Part.values()) {
            if (file(folder, part.images()).isEmpty()
                    || file(folder, part.labels()).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private static Optional<Path> file(Path folder, String name) {
        for (String suffix : List.of("", ".gz")) {
            Path file = folder.resolve(name + suffix);
            if (Files.isRegularFile(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
