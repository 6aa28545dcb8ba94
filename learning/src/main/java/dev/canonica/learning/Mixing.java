package dev.canonica.learning;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;

/**
 * Images of a batch mixed with others of it, and their labels alike: a loss is λ of the image's own label and 1 − λ of its partner's. What is drawn is a function
 * of the random stream, which is that of seed and step.
 */
@FunctionalInterface
public interface Mixing {
    /** Leaves a batch as it is. */
    Mixing NONE = (images, count, channels, height, width, random) -> new Mixed(identity(count), 1);

    /**
     * What was done to a batch.
     *
     * @param partner which image of the batch each was mixed with
     * @param lambda the share of the image itself, of all alike
     */
    record Mixed(int[] partner, double lambda) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    /**
     * Mixes the images of a batch in place.
     *
     * @param images [count, channels, height, width] from 0 on
     */
    Mixed apply(float[] images, int count, int channels, int height, int width, Philox random);

    /**
     * mixup (Zhang et al., 2018, arXiv 1710.09412): x ← λ x + (1 − λ) x', λ ~ Beta(α, α), of a batch alike as in the authors' code.
     *
     * @param alpha α, above 0
     */
    static Mixing mixup(double alpha) {
        Beta beta = new Beta(alpha);
        return (images, count, channels, height, width, random) -> {
            double lambda = beta.draw(random);
            int[] partner = partners(count, random);
            int size = channels * height * width;
            float[] was = images.clone();
            for (int i = 0; i < count; i++) {
                for (int p = 0; p < size; p++) {
                    images[i * size + p] =
                            (float) (lambda * was[i * size + p] + (1 - lambda) * was[partner[i] * size + p]);
                }
            }
            return new Mixed(partner, lambda);
        };
    }

    /**
     * CutMix (Yun et al., 2019, arXiv 1905.04899): a box of the partner is pasted over the image. Its sides are √(1 − λ) of the image's, λ ~ Beta(α, α), its centre
     * anywhere; what lies outside is cut off, and λ is then the share of the image that is left.
     *
     * @param alpha α, above 0; 1 in the paper
     */
    static Mixing cutmix(double alpha) {
        Beta beta = new Beta(alpha);
        return (images, count, channels, height, width, random) -> {
            double side = Math.sqrt(1 - beta.draw(random));
            int[] partner = partners(count, random);
            Philox place = random.child(2);
            int[] rows = span((int) (height * side), place.bounded(0, height), height);
            int[] columns = span((int) (width * side), place.bounded(1, width), width);
            float[] was = images.clone();
            for (int i = 0; i < count; i++) {
                for (int c = 0; c < channels; c++) {
                    for (int y = rows[0]; y < rows[1]; y++) {
                        int line = (c * height + y) * width + columns[0];
                        System.arraycopy(
                                was,
                                partner[i] * channels * height * width + line,
                                images,
                                i * channels * height * width + line,
                                columns[1] - columns[0]);
                    }
                }
            }
            double pasted = (double) (rows[1] - rows[0]) * (columns[1] - columns[0]) / ((double) height * width);
            return new Mixed(partner, 1 - pasted);
        };
    }

    private static int[] span(int length, int centre, int extent) {
        return new int[] {
            Math.clamp(centre - length / 2, 0, extent), Math.clamp(centre - length / 2 + length, 0, extent)
        };
    }

    private static int[] partners(int count, Philox random) {
        return random.child(1).permutation(count);
    }

    private static int[] identity(int count) {
        int[] same = new int[count];
        for (int i = 0; i < count; i++) {
            same[i] = i;
        }
        return same;
    }

    /** Draws from Beta(α, α), as X / (X + Y) of two of Gamma(α, 1). */
    record Beta(double alpha) {
        /** More tries of a draw than ever are needed: each succeeds in 95 of 100 cases. */
        private static final int TRIES = 200;

        /** Checks that α is above 0. */
        public Beta {
            if (!(alpha > 0) || !Double.isFinite(alpha)) {
                throw new IllegalArgumentException("mixing: alpha " + alpha + ": a number above 0 is needed");
            }
        }

        double draw(Philox random) {
            double x = logGamma(random.child(3));
            double y = logGamma(random.child(4));
            return 1 / (1 + Math.exp(y - x)); // of the logarithms, for both may be below the least double
        }

        /**
         * The logarithm of a draw from Gamma(α, 1) by Marsaglia and Tsang (2000), for α below 1 from one of Gamma(α + 1, 1) times U^(1/α).
         */
        private double logGamma(Philox random) {
            double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3;
            double c = 1 / Math.sqrt(9 * d);
            for (int i = 0; i < TRIES; i++) {
                double normal = random.child(0).normal(i);
                double v = 1 + c * normal;
                if (v <= 0) {
                    continue;
                }
                double cube = v * v * v;
                double u = positive(random.child(1), i);
                if (Math.log(u) < 0.5 * normal * normal + d - d * cube + d * Math.log(cube)) {
                    double log = Math.log(d * cube);
                    return alpha < 1 ? log + Math.log(positive(random.child(2), 0)) / alpha : log;
                }
            }
            return Math.log(alpha);
        }

        /** Uniform in (0, 1]. */
        private static double positive(Philox random, long i) {
            return 1 - (double) random.uniform(i);
        }
    }
}
