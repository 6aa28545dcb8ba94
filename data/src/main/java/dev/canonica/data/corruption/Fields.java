package dev.canonica.data.corruption;

import dev.canonica.data.DataException;
import dev.canonica.tensor.Philox;
import java.util.Map;

/**
 * The random fields of one corruption of one image: each is drawn, as a function of seed and image, or given by its name.
 *
 * <pre>
 *   normal      [H, W, 3]  standard normal              gaussian_noise, speckle_noise
 *   uniform     [H, W, 3]  uniform on [0, 1]            shot_noise, impulse_noise (which values)
 *   uniform2    [H, W, 3]  uniform on [0, 1]            impulse_noise (1 or 0)
 *   normal1     [H, W]     standard normal              snow, spatter
 *   unit        [2, H, W]  uniform on [−1, 1]           elastic_transform, (dx, dy)
 *   affine_unit [3, 2]     uniform on [−1, 1]           elastic_transform, (x, y) of three points
 *   angle       []         uniform on [−1, 1]           motion_blur, snow; in units of 45 degrees
 *   wobble      [P² − 1]   uniform on [−1, 1]           fog; P the power of two from the longer side on
 *   shifts      [K, 2]     −d … d − 1                   glass_blur, (dx, dy) in the order of its loops
 *   corner      [2]        uniform on [0, 1]            frost, (y, x) of the cut out of the texture
 *   plasma      [H, W]     in [0, 1]                    fog, in place of what wobble makes
 *   mask        [H, W]     in [0, 1]                    spatter, in place of what normal1 makes
 * </pre>
 */
public final class Fields {
    private final Map<String, double[]> given;
    private final Philox random;

    private Fields(Map<String, double[]> given, Philox random) {
        this.given = given;
        this.random = random;
    }

    /** All drawn: from {@code random}, in which each field has a place of its own. */
    public static Fields drawn(Philox random) {
        return new Fields(Map.of(), random);
    }

    /**
     * All drawn, by seed, corruption, severity and the number of the image in its set.
     *
     * @param image at least 0
     */
    public static Fields of(long seed, Corruption corruption, int severity, int image) {
        // the order of the corruptions is the published one and stays
        return drawn(new Philox(seed).child(8L * corruption.ordinal() + severity).stream(image));
    }

    /** These, but the named ones are given; row-major, in the shapes above. */
    public Fields given(Map<String, double[]> fields) {
        return new Fields(Map.copyOf(fields), random);
    }

    boolean has(String name) {
        return given.containsKey(name);
    }

    /** A field that is given, of so many numbers within bounds. */
    double[] given(String name, int length, double low, double high) {
        double[] field = given.get(name);
        if (field == null) {
            throw new IllegalStateException(name + " is not given");
        }
        if (field.length != length) {
            throw new DataException("field '%s': %d numbers an image, not %d".formatted(name, field.length, length));
        }
        for (double value : field) {
            if (!(value >= low && value <= high)) {
                throw new DataException(
                        "field '%s': holds %s; its values lie in %s … %s".formatted(name, value, low, high));
            }
        }
        return field;
    }

    double[] normals(String name, int length) {
        if (has(name)) {
            return given(name, length, -Double.MAX_VALUE, Double.MAX_VALUE);
        }
        double[] drawn = new double[length];
        stream(name).normals(0, drawn);
        return drawn;
    }

    /** Uniform on [0, 1]. */
    double[] uniforms(String name, int length) {
        if (has(name)) {
            return given(name, length, 0, 1);
        }
        double[] drawn = new double[length];
        stream(name).uniforms(0, drawn);
        return drawn;
    }

    /** Uniform on [−1, 1]. */
    double[] signed(String name, int length) {
        if (has(name)) {
            return given(name, length, -1, 1);
        }
        double[] drawn = uniforms(name, length);
        for (int i = 0; i < length; i++) {
            drawn[i] = 2 * drawn[i] - 1;
        }
        return drawn;
    }

    /** Whole numbers, uniform on −d … d − 1. */
    int[] shifts(String name, int length, int d) {
        int[] shifts = new int[length];
        if (has(name)) {
            double[] field = given(name, length, -d, d - 1);
            for (int i = 0; i < length; i++) {
                shifts[i] = (int) field[i];
            }
            return shifts;
        }
        Philox stream = stream(name);
        for (int i = 0; i < length; i++) {
            shifts[i] = stream.bounded(i, 2 * d) - d;
        }
        return shifts;
    }

    private Philox stream(String name) {
        return random.child(name.hashCode());
    }
}
