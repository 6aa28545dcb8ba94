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
 * Some neighbouring images of a set.
 *
 * @param set the images
 * @param from the first
 * @param to the last, exclusive
 */
record ImageBatch(ImageSet set, int from, int to) {
    int size() {
        return to - from;
    }

    /** [B, C, H, W] in [−1, 1]. */
    Tensor tensor(DType dtype) {
        float[] values = new float[size() * set.imageLength()];
        for (int i = 0; i < size(); i++) {
            set.copyNormalized(from + i, values, i * set.imageLength());
        }
        return Tensor.of(values, size(), set.channels(), set.height(), set.width())
                .to(dtype);
    }

    /** The classes [B], −1 where there are none. */
    long[] labels() {
        return each(set::label);
    }

    /** A number for each image [B]. */
    long[] each(IntUnaryOperator ofIndex) {
        return IntStream.range(from, to).map(ofIndex).asLongStream().toArray();
    }

    Image image(int i) {
        return set.image(from + i);
    }

    Pixels pixels(int i) {
        float[] values = new float[set.imageLength()];
        set.copyNormalized(from + i, values, 0);
        return new Pixels(set.channels(), set.height(), set.width(), values);
    }

    /** The opacity of the object, 0 … 1 [H, W]; null where nobody knows it. */
    float @Nullable [] mask(int i) {
        if (!(set instanceof MaskedImageSet masked)) {
            return null;
        }
        byte[] bytes = masked.mask(from + i).pixels();
        float[] mask = new float[bytes.length];
        for (int p = 0; p < mask.length; p++) {
            mask[p] = (bytes[p] & 0xFF) / 255f;
        }
        return mask;
    }

    /** The images of a tensor [B, C, H, W]. */
    static List<Pixels> pixels(Tensor images) {
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
    static Image picture(Pixels p) {
        return Image.ofNormalized(p.values(), 0, p.channels(), p.height(), p.width());
    }
}
