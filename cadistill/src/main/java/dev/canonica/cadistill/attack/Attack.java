package dev.canonica.cadistill.attack;

import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.models.Classifier;
import dev.canonica.tensor.Tensor;
import java.util.List;

/** A way to change an image, within a budget, so that a classifier takes it for something else. */
public interface Attack {
    /** Its name in commands and results. Attacks of different names draw different random numbers. */
    String name();

    /**
     * Refuses a classifier that the attack is not made for.
     *
     * @param classes their number
     * @throws AttackException that says what to use instead
     */
    default void check(int classes) {
        if (classes < 2) {
            throw new AttackException(name() + ": a classifier of " + classes + " class cannot be led to another");
        }
    }

    /** Begins to attack an image. */
    Pursuit pursue(Target target);

    /**
     * Attacks images with seed 0, as many in a batch as there are up to 64. Images that are classified wrongly stay as they are.
     *
     * @param images [N, C, H, W], values in [0, 1]
     * @param labels their classes
     * @return a result for each image, in order
     */
    default List<ImageResult> perturb(Classifier classifier, Tensor images, long[] labels, Budget budget) {
        Images all = Images.of(images, labels);
        return new AttackRun(this, Victim.of(classifier), all, budget).results();
    }
}
