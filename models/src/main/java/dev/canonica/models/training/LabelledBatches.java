package dev.canonica.models.training;

import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Batches;
import dev.canonica.learning.Epochs;
import dev.canonica.models.ModelException;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;

/**
 * Batches to train a classifier on: images in the order of {@link Epochs}, changed at random. How an image is changed is a function of the seed, of the epoch and
 * of the image, whatever batch it is in.
 */
public final class LabelledBatches implements Batches<LabelledImages> {
    /** The child of the stream of an epoch that augmentation draws from; 0 is that of {@link Epochs}. */
    private static final int AUGMENTATION = 1;

    private final ImageSource images;
    private final int batch;
    private final long seed;
    private final Augmentation augmentation;
    private final Epochs epochs;

    /**
     * Batches of labelled images.
     *
     * @param batch images in a step
     * @throws ModelException if there are fewer images than a batch has
     */
    public LabelledBatches(ImageSource images, int batch, long seed, Augmentation augmentation) {
        if (batch < 1 || images.size() < batch) {
            throw new ModelException("train: " + images.size() + " images are fewer than a batch of " + batch);
        }
        this.images = images;
        this.batch = batch;
        this.seed = seed;
        this.augmentation = augmentation;
        this.epochs = new Epochs(seed, images.size());
    }

    @Override
    public LabelledImages at(long step) {
        Shape shape = images.shape();
        int size = Math.toIntExact(shape.size());
        float[] x = new float[batch * size];
        long[] y = new long[batch];
        for (int i = 0; i < batch; i++) {
            long k = step * batch + i;
            int image = epochs.example(k);
            images.copy(image, x, i * size);
            augmentation.apply(
                    new Augmentation.Pixels(x, i * size, shape.dim(0), shape.dim(1), shape.dim(2)),
                    new Philox(seed, epochs.epoch(k)).child(AUGMENTATION),
                    image);
            y[i] = images.label(image);
        }
        return new LabelledImages(Tensor.of(x, shape.prepend(batch).dims()), Tensor.of(y, batch));
    }
}
