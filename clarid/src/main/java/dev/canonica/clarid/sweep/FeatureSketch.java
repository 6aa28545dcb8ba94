package dev.canonica.clarid.sweep;

import dev.canonica.tensor.Philox;

/**
 * Features in fewer numbers, so that those of many settings can be kept: each is added, under a random sign, to one of d sums (count sketch: Charikar, Chen,
 * Farach-Colton 2002; Weinberger et al. 2009, arXiv 0902.2206). Inner products and squared distances are kept in the mean, with a relative deviation of
 * about √(2/d). Features of at most d numbers stay as they are.
 */
final class FeatureSketch {
    /** d. */
    static final int WIDTH = 256;

    private final int[] place;
    private final boolean[] minus;
    private final int width;

    /**
     * A sketch.
     *
     * @param length of the features of an image
     */
    FeatureSketch(int length, long seed) {
        this.width = Math.min(length, WIDTH);
        this.place = new int[length];
        this.minus = new boolean[length];
        Philox random = new Philox(seed, length);
        for (int i = 0; i < length; i++) {
            place[i] = width == length ? i : random.bounded(2L * i, width);
            minus[i] = width < length && (random.word(2L * i + 1) & 1) != 0;
        }
    }

    /**
     * The sketches of a batch, one after the other [B · d].
     *
     * @param values features, likewise
     */
    float[] of(float[] values, int batch) {
        if (values.length != batch * place.length) {
            throw new IllegalArgumentException(
                    "sketch: %d values are not %d features of %d images".formatted(values.length, place.length, batch));
        }
        float[] sums = new float[batch * width];
        for (int b = 0; b < batch; b++) {
            double[] own = new double[width];
            for (int i = 0; i < place.length; i++) {
                double v = values[b * place.length + i];
                own[place[i]] += minus[i] ? -v : v;
            }
            for (int j = 0; j < width; j++) {
                sums[b * width + j] = (float) own[j];
            }
        }
        return sums;
    }
}
