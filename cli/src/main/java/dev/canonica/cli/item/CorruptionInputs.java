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
import java.util.EnumMap;
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

    /** The fields of each corruption, by their names here; {@code *} stands for the severity. */
    private static final Map<Corruption, List<String>> FIELDS = new EnumMap<>(Map.ofEntries(
            Map.entry(Corruption.GAUSSIAN_NOISE, List.of("normal")),
            Map.entry(Corruption.SPECKLE_NOISE, List.of("normal")),
            Map.entry(Corruption.SHOT_NOISE, List.of("uniform")),
            Map.entry(Corruption.IMPULSE_NOISE, List.of("uniform", "uniform2")),
            Map.entry(Corruption.GLASS_BLUR, List.of("shifts/*")),
            Map.entry(Corruption.MOTION_BLUR, List.of("angle")),
            Map.entry(Corruption.SNOW, List.of("normal1", "angle")),
            Map.entry(Corruption.FOG, List.of("plasma/*", "wobble")),
            Map.entry(Corruption.FROST, List.of("corner")),
            Map.entry(Corruption.ELASTIC_TRANSFORM, List.of("affine_unit", "unit")),
            Map.entry(Corruption.SPATTER, List.of("mask/spatter/*", "normal1"))));

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
        Set<String> known = new HashSet<>(Set.of(IMAGES, GIVEN_IMAGES, "rows", "labels"));
        FIELDS.values()
                .forEach(names -> names.forEach(name -> {
                    for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
                        known.add(name.replace("*", Integer.toString(severity)));
                    }
                }));
        return known;
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
        for (String name : names(corruption, severity)) {
            if (arrays.has(name)) {
                double[] all = read.computeIfAbsent(name, this::field);
                int length = all.length / givenImages.length;
                String plain = name.contains("/") ? name.substring(0, name.indexOf('/')) : name;
                given.put(plain, Arrays.copyOfRange(all, row * length, (row + 1) * length));
            }
        }
        return Fields.of(seed, corruption, severity, image).given(given);
    }

    private static List<String> names(Corruption corruption, int severity) {
        return FIELDS.getOrDefault(corruption, List.of()).stream()
                .map(name -> name.replace("*", Integer.toString(severity)))
                .toList();
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
