package dev.canonica.cadistill.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * What a model says of an image.
 *
 * @param label the image's class, as a class of the model
 * @param predicted the class of the greatest logit, the first of equal ones
 * @param confidence the probability that the model gives it
 * @param nll −log of the probability that the model gives the image's class
 * @param brier Σ (p − y)² over the classes, y one-hot (Brier 1950)
 */
public record Answer(int label, int predicted, double confidence, double nll, double brier) {

    /** Whether the image is classified rightly. */
    public boolean right() {
        return predicted == label;
    }

    /**
     * The answer of logits.
     *
     * @param label the image's class
     * @param among which classes may be answered; null for all
     */
    public static Answer of(float[] logits, int label, boolean @Nullable [] among) {
        int best = -1;
        for (int k = 0; k < logits.length; k++) {
            if ((among == null || among[k]) && (best < 0 || logits[k] > logits[best])) {
                best = k;
            }
        }
        double sum = 0;
        for (int k = 0; k < logits.length; k++) {
            sum += among == null || among[k] ? StrictMath.exp((double) logits[k] - logits[best]) : 0;
        }
        double brier = 0;
        for (int k = 0; k < logits.length; k++) {
            double p = among == null || among[k] ? StrictMath.exp((double) logits[k] - logits[best]) / sum : 0;
            double d = p - (k == label ? 1 : 0);
            brier += d * d;
        }
        double nll = StrictMath.log(sum) - ((double) logits[label] - logits[best]);
        return new Answer(label, best, 1 / sum, nll, brier);
    }
}
