package dev.canonica.cli.item;

import dev.canonica.data.corruption.Corruption;
import dev.canonica.data.corruption.Fields;
import dev.canonica.data.image.Image;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Images to corrupt, and random fields that are given in place of drawn ones: {@code normal}, {@code uniform}, …, {@code shifts/SEVERITY}, {@code
 * plasma/SEVERITY}, {@code mask/spatter/SEVERITY}, a row an image. With {@code given_images} the rows are those of these images, and corruptions that
 * have a field given are of these alone. {@code rows} and {@code labels} are known and change nothing: the one says of a golden case which rows of its results are stored, the
 * other comes with images that are to be classified.
 */
public final class CorruptionInputs {
    private static final String IMAGES = "images";
    private static final String GIVEN_IMAGES = "given_images";

    /** Arrays that are known and change nothing. */
    private static final List<String> UNUSED = List.of("rows", "labels");

    /** Fields that take the place of all others of their corruption. */
    private static final List<String> WHOLE = List.of("plasma", "mask");

    private final InputArrays arrays;
    private final Tensor images;
    private final int[] givenImages;
    private final Map<String, double[]> read = new HashMap<>();

    private CorruptionInputs(InputArrays arrays, Tensor images) {
        this.arrays = arrays;
        this.images = images;
        this.givenImages = arrays.has(GIVEN_IMAGES)
                ? indices(arrays, images.dim(0))
                : IntStream.range(0, images.dim(0)).toArray();
    }

    /**
     * Reads a file.
     *
     * @throws ModelException that names the file and the array
     */
    public static CorruptionInputs read(Path file) {
        InputArrays arrays = new InputArrays(file, DType.F64).onlyOf(known());
        Tensor images = arrays.any(IMAGES);
        if (images.dtype() != DType.U8 || images.rank() != 4 || images.dim(3) != 3 || images.dim(0) == 0) {
            throw arrays.refused(
                    IMAGES, "is " + images.described() + "; U8 of shape [N, H, W, 3] is needed, N at least 1");
        }
        return new CorruptionInputs(arrays, images);
    }

    private static Set<String> known() {
        Set<String> known = new HashSet<>(UNUSED);
        known.add(IMAGES);
        known.add(GIVEN_IMAGES);
        for (Corruption corruption : Corruption.values()) {
            for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
                known.addAll(names(corruption, severity));
            }
        }
        return known;
    }

    /** The fields that are given and that none of these corruptions takes at any of these severities. */
    public List<String> unused(List<Corruption> corruptions, List<Integer> severities) {
        Set<String> taken = new HashSet<>(UNUSED);
        taken.add(IMAGES);
        for (Corruption corruption : corruptions) {
            severities.forEach(severity -> taken.addAll(names(corruption, severity)));
        }
        if (arrays.names().stream().anyMatch(name -> taken.contains(name) && isField(name))) {
            taken.add(GIVEN_IMAGES);
        }
        return arrays.names().stream().filter(name -> !taken.contains(name)).toList();
    }

    private static boolean isField(String name) {
        return !UNUSED.contains(name) && !name.equals(IMAGES) && !name.equals(GIVEN_IMAGES);
    }

    /** Whether something is drawn for a corruption: it takes fields, and they are not all given. */
    public boolean draws(Corruption corruption, int severity) {
        List<String> fields = corruption.fields();
        return !fields.stream().allMatch(field -> arrays.has(array(corruption, field, severity)))
                && fields.stream()
                        .noneMatch(field -> WHOLE.contains(field) && arrays.has(array(corruption, field, severity)));
    }

    private static int[] indices(InputArrays arrays, int n) {
        Tensor t = arrays.any(GIVEN_IMAGES);
        boolean whole = t.rank() == 1 && !t.dtype().isFloating() && t.dtype() != DType.BOOL;
        if (!whole || Arrays.stream(t.toLongs()).anyMatch(i -> i < 0 || i >= n)) {
            throw arrays.refused(
                    GIVEN_IMAGES, "is " + t.described() + "; numbers of images, 0 to " + (n - 1) + ", are needed");
        }
        return Arrays.stream(t.toLongs()).mapToInt(Math::toIntExact).toArray();
    }

    /** [H, W, 3]. */
    public Shape shape() {
        return images.shape().slice(1, 4);
    }

    /** An image by its number. */
    public Image image(int index) {
        long[] levels = images.rows(index, index + 1).toLongs();
        byte[] pixels = new byte[levels.length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) levels[i];
        }
        return new Image(3, images.dim(1), images.dim(2), pixels);
    }

    /** The numbers of the images that a corruption is of: those that fields are given for, if it has any, or all. */
    public int[] imagesOf(Corruption corruption, int severity) {
        boolean given = names(corruption, severity).stream().anyMatch(arrays::has);
        return given ? givenImages : IntStream.range(0, images.dim(0)).toArray();
    }

    /**
     * The fields of a corruption of an image: given, or drawn.
     *
     * @param row of the given fields
     */
    public Fields fields(long seed, Corruption corruption, int severity, int image, int row) {
        Map<String, double[]> given = new HashMap<>();
        for (String field : corruption.fields()) {
            String name = array(corruption, field, severity);
            if (arrays.has(name)) {
                double[] all = read.computeIfAbsent(name, this::field);
                int length = all.length / givenImages.length;
                given.put(field, Arrays.copyOfRange(all, row * length, (row + 1) * length));
            }
        }
        return Fields.of(seed, corruption, severity, image).given(given);
    }

    private static List<String> names(Corruption corruption, int severity) {
        return corruption.fields().stream()
                .map(field -> array(corruption, field, severity))
                .toList();
    }

    /** The name of the array of a field: those that are of one severity say so. */
    private static String array(Corruption corruption, String field, int severity) {
        return switch (field) {
            case "shifts", "plasma" -> field + "/" + severity;
            case "mask" -> field + "/" + corruption.id() + "/" + severity;
            default -> field;
        };
    }

    private double[] field(String name) {
        Tensor t = arrays.any(name);
        if (t.rank() == 0 || t.dim(0) != givenImages.length) {
            throw arrays.refused(
                    name, "has shape " + t.shape() + "; a row for each of " + givenImages.length + " images is needed");
        }
        return t.to(DType.F64).toDoubles();
    }
}
