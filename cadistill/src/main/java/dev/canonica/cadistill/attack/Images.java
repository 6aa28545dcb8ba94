package dev.canonica.cadistill.attack;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.ItemDigest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Images with their classes, in memory. What is drawn for an image depends on its values, and not on where it stands. */
public final class Images {
    private final float[][] values;
    private final int[] labels;
    private final Shape shape;
    private final long[] keys; // 0 where not known yet; written by any thread, always the same

    private Images(float[][] values, int[] labels, Shape shape) {
        this.values = values;
        this.labels = labels;
        this.shape = shape;
        this.keys = new long[values.length];
    }

    /**
     * Images of a tensor.
     *
     * @param images [N, C, H, W], values in [0, 1]
     * @param labels N classes
     */
    public static Images of(Tensor images, long[] labels) {
        if (images.rank() != 4 || !images.dtype().isFloating() || images.dim(0) != labels.length) {
            throw new IllegalArgumentException("images: " + images.described() + " with " + labels.length
                    + " labels: [N, C, H, W] of a real type with N labels is needed");
        }
        int n = images.dim(0);
        float[][] values = new float[n][];
        int[] classes = new int[n];
        try (Scope _ = Scope.open()) {
            for (int i = 0; i < n; i++) {
                values[i] = images.row(i).to(DType.F32).toFloats();
                classes[i] = Math.toIntExact(labels[i]);
            }
        }
        return new Images(values, classes, images.shape().slice(1, 4));
    }

    /**
     * Images of their values.
     *
     * @param values of each image, which are kept and not to be changed
     * @param labels a class for each
     * @param shape of an image, [C, H, W]
     */
    public static Images of(List<float[]> values, int[] labels, Shape shape) {
        if (values.size() != labels.length || values.stream().anyMatch(v -> v.length != shape.size())) {
            throw new IllegalArgumentException("images: " + values.size() + " with " + labels.length
                    + " labels: as many, each of shape " + shape + ", are needed");
        }
        return new Images(values.toArray(float[][]::new), labels.clone(), shape);
    }

    /** Number of images. */
    public int size() {
        return values.length;
    }

    /** [C, H, W]. */
    public Shape shape() {
        return shape;
    }

    /** Values of an image; not to be changed. */
    public float[] values(int i) {
        return values[i];
    }

    /** Whether all values of an image lie in [0, 1]. */
    public boolean inBox(int i) {
        for (float v : values[i]) {
            if (!(v >= 0 && v <= 1)) {
                return false;
            }
        }
        return true;
    }

    /** The class of an image. */
    public int label(int i) {
        return labels[i];
    }

    /** The images from one to before another. */
    public Images range(int from, int to) {
        return new Images(Arrays.copyOfRange(values, from, to), Arrays.copyOfRange(labels, from, to), shape);
    }

    /** The images at some places. */
    public Images select(int[] places) {
        float[][] some = new float[places.length][];
        int[] classes = new int[places.length];
        for (int k = 0; k < places.length; k++) {
            some[k] = values[places[k]];
            classes[k] = labels[places[k]];
        }
        return new Images(some, classes, shape);
    }

    /** The first 64 bits of the SHA-256 of an image's values: a seed of its own. */
    public long key(int i) {
        if (keys[i] == 0) {
            keys[i] = sha(values[i]);
        }
        return keys[i];
    }

    private static long sha(float[] image) {
        ByteBuffer bytes = ByteBuffer.allocate(image.length * Float.BYTES);
        bytes.asFloatBuffer().put(image);
        return ByteBuffer.wrap(ItemDigest.sha256().digest(bytes.array())).getLong();
    }

    /** Images of a set, their shape and their classes in a line: the beginning of their SHA-256. */
    public String digest() {
        ByteBuffer all = ByteBuffer.allocate(Integer.BYTES * shape.rank() + size() * (Long.BYTES + Integer.BYTES));
        for (int dim : shape.dims()) {
            all.putInt(dim);
        }
        for (int i = 0; i < size(); i++) {
            all.putLong(key(i)).putInt(labels[i]);
        }
        return "SHA-256 %016x"
                .formatted(
                        ByteBuffer.wrap(ItemDigest.sha256().digest(all.array())).getLong());
    }
}
