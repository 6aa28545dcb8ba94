package dev.canonica.models.training;

/** Labelled images to train on. */
public interface ImageSource {
    /** Number of images. */
    int size();

    /** The class of image i. */
    int label(int i);

    /** Writes image i as [C, H, W] in [−1, 1] to {@code out} from {@code offset} on. */
    void copy(int i, float[] out, int offset);
}
