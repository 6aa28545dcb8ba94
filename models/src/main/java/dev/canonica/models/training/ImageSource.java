package dev.canonica.models.training;

import dev.canonica.tensor.Shape;

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
}
