package dev.canonica.cadistill.attack.check;

import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Questions;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Looks at adversarial images anew, as if nothing was known of the attack that made them: their range, how far they are from the images, and what the classifier takes them for. */
public final class Verification {
    /** Relative, of a length that was stored. */
    private static final double LENGTH = 1e-6;

    private final Victim victim;
    private final Images images;
    private final Budget budget;
    private final int batch;

    /** A verification of what was made of these images within a budget, by a classifier without noise. */
    public Verification(Victim victim, Images images, Budget budget, int batch) {
        this.victim = victim;
        this.images = images;
        this.budget = budget;
        this.batch = batch;
    }

    /**
     * Where the images are not what is said of them, a line each; nothing where all is right.
     *
     * @param adversarial what was made of each image
     * @param robust whether it is said to be robust
     * @param norms how far it is said to be from the image
     */
    public List<String> misses(Images adversarial, boolean[] robust, double[] norms) {
        Questions questions = new Questions(victim, images.shape(), batch);
        int n = images.size();
        List<float[]> clean =
                questions.logits(IntStream.range(0, n).mapToObj(images::values).toList());
        List<float[]> after = questions.logits(
                IntStream.range(0, n).mapToObj(adversarial::values).toList());
        List<String> misses = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int at = i;
            for (float v : adversarial.values(i)) {
                if (!(v >= 0 && v <= 1)) {
                    misses.add("image %d: the adversarial image holds %s, outside of [0, 1]".formatted(at, v));
                    break;
                }
            }
            double norm = budget.norm().distance(images.values(i), adversarial.values(i));
            if (!(Math.abs(norm - norms[i]) <= LENGTH * Math.max(norm, 1e-3))) { // NaN is none
                misses.add("image %d: the perturbation has length %s, not %s".formatted(i, norm, norms[i]));
            }
            boolean correct = Logits.predicted(clean.get(i)) == images.label(i);
            boolean withstands = Logits.predicted(after.get(i)) == images.label(i) || !budget.allows(norm);
            if (robust[i] != (correct && withstands)) {
                misses.add("image %d: is said to be %s, but %s"
                        .formatted(
                                i,
                                robust[i] ? "robust" : "broken",
                                !correct
                                        ? "is classified wrongly as it is"
                                        : withstands
                                                ? "the adversarial image is classified rightly or beyond the budget"
                                                : "the adversarial image is classified otherwise"));
            }
        }
        return misses;
    }
}
