package dev.canonica.models.training;

import dev.canonica.models.family.ImageNormalization;
import dev.canonica.tensor.Shape;
import java.util.function.IntUnaryOperator;

/** Labelled images to train on, of one size. Every one can be asked for at any time, from any thread. */
public interface ImageSource {
    /** Number of images. */
    int size();

    /** Shape [C, H, W] of an image. */
    Shape shape();

    /** The class of image i. */
    int label(int i);

    /** Writes image i as [C, H, W] in [−1, 1] to {@code out} from {@code offset} on. */
    void copy(int i, float[] out, int offset);

    /** Writes images. */
    @FunctionalInterface
    interface Writer {
        /** As {@link ImageSource#copy}. */
        void copy(int i, float[] out, int offset);
    }

    /**
     * Images from elsewhere, such as those of a set of images.
     *
     * <pre>
     *   ImageSource.of(set.size(), set.shape(), set::label, set::copyNormalized)
     * </pre>
     */
    static ImageSource of(int size, Shape shape, IntUnaryOperator label, Writer writer) {
        return new ImageSource() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Shape shape() {
                return shape;
            }

            @Override
            public int label(int i) {
                return label.applyAsInt(i);
            }

            @Override
            public void copy(int i, float[] out, int offset) {
                writer.copy(i, out, offset);
            }
        };
    }

    /**
     * These images as a network takes them that was trained on others than those in [−1, 1].
     *
     * @throws dev.canonica.models.ModelException if there is not a number for each channel
     */
    default ImageSource normalised(ImageNormalization by) {
        double[] scale = by.scaleOfHalves(shape().dim(0));
        double[] shift = by.shiftOfHalves(shape().dim(0));
        int plane = shape().dim(1) * shape().dim(2);
        return of(size(), shape(), this::label, (i, out, offset) -> {
            copy(i, out, offset);
            for (int p = 0; p < scale.length * plane; p++) {
                int c = p / plane;
                out[offset + p] = (float) (scale[c] * out[offset + p] + shift[c]);
            }
        });
    }
}
