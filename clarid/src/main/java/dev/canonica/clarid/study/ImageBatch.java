package dev.canonica.clarid.study;

import dev.canonica.clarid.metrics.Pixels;
import dev.canonica.data.image.Image;
import dev.canonica.data.set.ImageSet;
import dev.canonica.data.set.MaskedImageSet;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some images of a set.
 *
 * @param set the images
 * @param indices which, in the order of the batch
 */
public record ImageBatch(ImageSet set, List<Integer> indices) {
    /** Images {@code from} to {@code to − 1}. */
    public ImageBatch(ImageSet set, int from, int to) {
        this(set, IntStream.range(from, to).boxed().toList());
    }

    /** The number of images. */
    public int size() {
        return indices.size();
    }

    /** Those at these places of the batch. */
    public ImageBatch of(List<Integer> places) {
        return new ImageBatch(set, places.stream().map(indices::get).toList());
    }

    /** Their places in the set [B]. */
    public long[] index() {
        return each(i -> i);
    }

    /** Their names. */
    public List<String> ids() {
        return indices.stream().map(set::id).toList();
    }

    /** What they are, for messages. */
    public String named() {
        return size() == 1
                ? "image " + ids().getFirst()
                : "images %s to %s".formatted(ids().getFirst(), ids().getLast());
    }

    /** [B, C, H, W] in [−1, 1]. */
    public Tensor tensor(DType dtype) {
        float[] values = new float[size() * set.imageLength()];
        for (int i = 0; i < size(); i++) {
            set.copyNormalized(indices.get(i), values, i * set.imageLength());
        }
        return Tensor.of(values, size(), set.channels(), set.height(), set.width())
                .to(dtype);
    }

    /** The classes [B], −1 where there are none. */
    public long[] labels() {
        return each(set::label);
    }

    /** A number for each image [B]. */
    public long[] each(IntUnaryOperator ofIndex) {
        return indices.stream().mapToInt(i -> i).map(ofIndex).asLongStream().toArray();
    }

    /** The image at place {@code i} of the batch, of 8 bits a channel. */
    public Image image(int i) {
        return set.image(indices.get(i));
    }

    /** The image at place {@code i} of the batch as models have it, floats in [−1, 1]. */
    public Pixels pixels(int i) {
        float[] values = new float[set.imageLength()];
        set.copyNormalized(indices.get(i), values, 0);
        return new Pixels(set.channels(), set.height(), set.width(), values);
    }

    /** The opacity of the object, 0 … 1 [H, W]; null where nobody knows it. */
    public float @Nullable [] mask(int i) {
        if (!(set instanceof MaskedImageSet masked)) {
            return null;
        }
        byte[] bytes = masked.mask(indices.get(i)).pixels();
        float[] mask = new float[bytes.length];
        for (int p = 0; p < mask.length; p++) {
            mask[p] = (bytes[p] & 0xFF) / 255f;
        }
        return mask;
    }

    /** {@link #mask} of each image. */
    public List<float @Nullable []> masks() {
        List<float @Nullable []> masks = new ArrayList<>();
        for (int i = 0; i < size(); i++) {
            masks.add(mask(i));
        }
        return masks;
    }

    /** The images of a tensor [B, C, H, W]. */
    public static List<Pixels> pixels(Tensor images) {
        float[] all = images.toFloats();
        int size = all.length / Math.max(1, images.dim(0));
        List<Pixels> result = new ArrayList<>();
        for (int b = 0; b < images.dim(0); b++) {
            float[] one = Arrays.copyOfRange(all, b * size, (b + 1) * size);
            result.add(new Pixels(images.dim(1), images.dim(2), images.dim(3), one));
        }
        return result;
    }

    /** The picture of an image in [−1, 1]. */
    public static Image picture(Pixels p) {
        return Image.ofNormalized(p.values(), 0, p.channels(), p.height(), p.width());
    }
}
