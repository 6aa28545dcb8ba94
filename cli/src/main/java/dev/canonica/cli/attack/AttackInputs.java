package dev.canonica.cli.attack;

import dev.canonica.cadistill.attack.Images;
import dev.canonica.cli.item.InputArrays;
import dev.canonica.data.run.Shard;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.RecordText;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;

/**
 * Images with their classes from an NPZ file: {@code images}, U8 [N, H, W, C] or F32 [N, C, H, W] in [0, 1], {@code labels} [N], and perhaps {@code index} [N], what
 * they are called elsewhere.
 *
 * @param images of the shard, which may be none
 * @param index of the shard's images; their places in the file, where it says nothing else
 * @param all images that the file has
 */
public record AttackInputs(Images images, long[] index, int all) {
    private static final float WHITE = 255;

    /**
     * Reads a file.
     *
     * @param classes those of the classifier
     * @throws ModelException that names the file and the array
     */
    public static AttackInputs read(Path file, int classes, Shard shard) {
        InputArrays in = new InputArrays(file, DType.F32).onlyOf(Set.of("images", "labels", "index"));
        Tensor images = in.any("images");
        if (images.rank() != 4 || images.dtype() != DType.U8 && !images.dtype().isFloating()) {
            throw in.refused(
                    "images",
                    "is " + images.described()
                            + "; U8 of shape [N, H, W, C], or a real type of shape [N, C, H, W] in [0, 1], is needed");
        }
        int n = images.dim(0);
        int from = shard.from(n);
        int to = shard.to(n);
        if (n == 0) {
            throw in.refused("images", "has no image");
        }
        long[] labels = integers(in, "labels", n);
        for (int i = 0; i < n; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw in.refused(
                        "labels",
                        "says %d for image %d; the model's classes are 0 to %d".formatted(labels[i], i, classes - 1));
            }
        }
        long[] index = new long[n];
        Arrays.setAll(index, i -> i);
        if (in.has("index")) {
            index = integers(in, "index", n);
        }
        Tensor part = images.rows(from, to);
        Images own = Images.of(
                part.dtype() == DType.U8 ? planes(part) : part.to(DType.F32), Arrays.copyOfRange(labels, from, to));
        return new AttackInputs(own, Arrays.copyOfRange(index, from, to), n);
    }

    private static long[] integers(InputArrays in, String name, int n) {
        Tensor t = in.any(name);
        if (t.rank() != 1 || t.dim(0) != n || t.dtype().isFloating() || t.dtype() == DType.BOOL) {
            throw in.refused(
                    name,
                    "is " + t.described() + "; whole numbers of shape [" + n + "] are needed, one for each image");
        }
        return t.toLongs();
    }

    /** U8 [N, H, W, C] as F32 [N, C, H, W] in [0, 1]. */
    private static Tensor planes(Tensor bytes) {
        int n = bytes.dim(0);
        int h = bytes.dim(1);
        int w = bytes.dim(2);
        int c = bytes.dim(3);
        int size = c * h * w;
        Tensor planes = Tensor.uninitialised(DType.F32, Shape.of(n, c, h, w));
        for (int i = 0; i < n; i++) {
            try (Scope _ = Scope.open()) {
                float[] in = bytes.row(i).to(DType.F32).toFloats();
                float[] out = new float[size];
                for (int p = 0; p < h * w; p++) {
                    for (int k = 0; k < c; k++) {
                        out[k * h * w + p] = in[p * c + k] / WHITE;
                    }
                }
                planes.row(i).assign(Tensor.of(out, c, h, w));
            }
        }
        return planes;
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
