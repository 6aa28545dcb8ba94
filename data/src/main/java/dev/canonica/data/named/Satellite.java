package dev.canonica.data.named;

import dev.canonica.data.DataException;
import dev.canonica.data.RData;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Patches of 3 × 3 pixels of a Landsat image in four spectral bands, each with the class of its centre pixel: red soil, cotton crop, grey soil, damp grey soil, soil with vegetation stubble, very damp grey
 * soil (the Statlog set of the UCI repository, 6,435 patches, values 0 … 255). What is around the centre is context by construction.
 *
 * <p>Read from {@code Satellite.rda} of R's package mlbench. The package is under the GPL and is not shipped here. Rows are in the order of the published set: the first {@value #LEARNED} are to learn from,
 * the others to test on; the image's patches overlap, and another division could have the same pixels on both sides.
 */
public final class Satellite {
    /** Bands. */
    public static final int BANDS = 4;

    /** Pixels along a side. */
    public static final int SIDE = 3;

    /** Pixels of a patch, the centre's among them. */
    public static final int PIXELS = SIDE * SIDE;

    /** Numbers of a patch. */
    public static final int NUMBERS = BANDS * PIXELS;

    /** The first so many patches are to learn from. */
    public static final int LEARNED = 4435;

    private static final String OBJECT = "Satellite";
    private static final int MOST = 255;

    private final float[][] patches;
    private final int[] labels;
    private final List<String> classes;

    /**
     * Patches that are there.
     *
     * @param patches values [N][{@value #NUMBERS}], each as [{@value #BANDS}, {@value #SIDE}, {@value #SIDE}]
     * @param labels the class of each centre [N]
     * @throws IllegalArgumentException if there are not more than {@value #LEARNED}, or one is of another size or class
     */
    public Satellite(float[][] patches, int[] labels, List<String> classes) {
        if (patches.length <= LEARNED || patches.length != labels.length) {
            throw new IllegalArgumentException("%d patches, %d labels; more than the %d to learn from are needed"
                    .formatted(patches.length, labels.length, LEARNED));
        }
        for (int i = 0; i < patches.length; i++) {
            if (patches[i].length != NUMBERS || labels[i] < 0 || labels[i] >= classes.size()) {
                throw new IllegalArgumentException(
                        "patch %d: %d numbers, class %d; %d numbers and a class below %d are needed"
                                .formatted(i, patches[i].length, labels[i], NUMBERS, classes.size()));
            }
        }
        this.patches = patches.clone();
        this.labels = labels.clone();
        this.classes = List.copyOf(classes);
    }

    /**
     * Reads the set.
     *
     * @param file {@code Satellite.rda}, plain or gzipped
     * @throws DataException if it is no such file
     */
    public static Satellite read(Path file) {
        RData.Vector frame = RData.read(file).get(OBJECT);
        if (frame == null) {
            throw new DataException(file + ": has no object " + OBJECT + ", as mlbench's Satellite.rda has");
        }
        try {
            double[][] columns = new double[NUMBERS][];
            for (int i = 0; i < NUMBERS; i++) {
                columns[i] = frame.column("x." + (i + 1)).numbers();
            }
            RData.Vector classes = frame.column("classes");
            return of(columns, classes.numbers(), classes.texts("levels"));
        } catch (IllegalArgumentException e) {
            throw new DataException(file + ": " + OBJECT + ": " + e.getMessage(), e);
        }
    }

    private static Satellite of(double[][] columns, double[] codes, List<@Nullable String> levels) {
        float[][] patches = new float[codes.length][NUMBERS];
        int[] labels = new int[codes.length];
        for (int i = 0; i < labels.length; i++) {
            for (int pixel = 0; pixel < PIXELS; pixel++) {
                for (int band = 0; band < BANDS; band++) {
                    double[] column = columns[pixel * BANDS + band];
                    double v = column.length == labels.length ? column[i] : Double.NaN;
                    if (!(v >= 0 && v <= MOST)) {
                        throw new IllegalArgumentException("row %d of x.%d: %s is no value from 0 to %d"
                                .formatted(i + 1, pixel * BANDS + band + 1, v, MOST));
                    }
                    patches[i][band * PIXELS + pixel] = (float) v;
                }
            }
            labels[i] = (int) codes[i] - 1;
        }
        return new Satellite(
                patches, labels, levels.stream().map(Objects::toString).toList());
    }

    /** How many there are. */
    public int size() {
        return patches.length;
    }

    /** The values of a patch as [{@value #BANDS}, {@value #SIDE}, {@value #SIDE}]; a copy. */
    public float[] patch(int i) {
        return patches[i].clone();
    }

    /** The class of its centre. */
    public int label(int i) {
        return labels[i];
    }

    /** The names of the classes. */
    public List<String> classes() {
        return classes;
    }
}
