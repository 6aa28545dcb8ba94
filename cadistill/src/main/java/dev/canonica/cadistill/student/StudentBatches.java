package dev.canonica.cadistill.student;

import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Batches;
import dev.canonica.learning.Epochs;
import dev.canonica.learning.Mixing;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.LabelledBatches;
import dev.canonica.models.training.LabelledImages;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Optional;

/**
 * Batches for a student: images of the whole set in the order of {@link Epochs}, and beside them pairs from the share that has companions, in epochs of their own.
 * All of it is a function of seed and step; an image and its companion are changed at random alike.
 */
final class StudentBatches implements Batches<StudentBatch> {
    /** Streams below the seed's own: the images' are those of {@link LabelledBatches}. */
    private static final int PAIRS = 2;

    private static final int MIXING = 3;

    private final ImageSource images;
    private final LabelledBatches batches;
    private final Optional<CanonicalSet> canonical;
    private final int pairs;
    private final long seed;
    private final Augmentation augmentation;
    private final Mixing mixing;
    private final Optional<Epochs> order;

    /**
     * Batches.
     *
     * @param pairs in a step
     */
    StudentBatches(
            ImageSource images,
            int batch,
            Optional<CanonicalSet> canonical,
            int pairs,
            long seed,
            Augmentation augmentation,
            Mixing mixing) {
        this.images = images;
        this.batches = new LabelledBatches(images, batch, seed, augmentation);
        this.canonical = canonical;
        this.pairs = pairs;
        this.seed = seed;
        this.augmentation = augmentation;
        this.mixing = mixing;
        this.order = canonical.map(c -> new Epochs(pairSeed(seed), c.size()));
    }

    private static long pairSeed(long seed) {
        Philox random = new Philox(seed).child(PAIRS);
        return (long) random.word(0) << 32 | Integer.toUnsignedLong(random.word(1));
    }

    @Override
    public StudentBatch at(long step) {
        LabelledImages labelled = batches.at(step);
        Tensor x = labelled.x();
        Tensor y = labelled.y();
        Tensor mixed = y;
        double lambda = 1;
        if (!mixing.equals(Mixing.NONE)) {
            float[] values = x.toFloats();
            Mixing.Mixed done =
                    mixing.apply(values, x.dim(0), x.dim(1), x.dim(2), x.dim(3), new Philox(seed, step).child(MIXING));
            lambda = done.lambda();
            x = Tensor.of(values, x.shape().dims());
            long[] own = y.toLongs();
            long[] other = new long[own.length];
            for (int i = 0; i < other.length; i++) {
                other[i] = own[done.partner()[i]];
            }
            mixed = Tensor.of(other, other.length);
        }
        return new StudentBatch(step, x, y, mixed, lambda, canonical.map(c -> pairs(c, order.orElseThrow(), step)));
    }

    private StudentBatch.Pairs pairs(CanonicalSet c, Epochs epochs, long step) {
        Shape shape = images.shape();
        int size = Math.toIntExact(shape.size());
        int width = Math.toIntExact(c.featureShape().size());
        float[] x = new float[pairs * size];
        float[] sample = new float[pairs * size];
        float[] feature = new float[pairs * width];
        long[] y = new long[pairs];
        for (int i = 0; i < pairs; i++) {
            long k = step * pairs + i;
            int at = epochs.example(k);
            int image = c.images()[at];
            Philox random = new Philox(pairSeed(seed), epochs.epoch(k)).child(1);
            images.copy(image, x, i * size);
            augmentation.apply(pixels(x, i, shape), random, image);
            System.arraycopy(c.samples()[at], 0, sample, i * size, size);
            augmentation.apply(pixels(sample, i, shape), random, image);
            System.arraycopy(c.features()[at], 0, feature, i * width, width);
            y[i] = images.label(image);
        }
        int[] dims = shape.prepend(pairs).dims();
        return new StudentBatch.Pairs(
                Tensor.of(x, dims),
                Tensor.of(sample, dims),
                Tensor.of(y, pairs),
                Tensor.of(feature, c.featureShape().prepend(pairs).dims()));
    }

    private static Augmentation.Pixels pixels(float[] values, int i, Shape shape) {
        return new Augmentation.Pixels(
                values, i * Math.toIntExact(shape.size()), shape.dim(0), shape.dim(1), shape.dim(2));
    }
}
