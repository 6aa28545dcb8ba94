package dev.canonica.cadistill.attack;

import org.jspecify.annotations.Nullable;

/**
 * An attack on one image, as a conversation: it names a point, is told the logits there and perhaps a gradient, and moves on. It knows of no other image, so
 * that its course is the same in any company; between two answers it can be stored and gone on with.
 */
public interface Pursuit {
    /** Whether it has no more questions. */
    boolean ended();

    /** Where the classifier is to be evaluated next, [C, H, W] in a row. */
    float[] point();

    /** Whose gradient at the point is needed; null where the logits will do. */
    @Nullable
    Loss loss();

    /**
     * Takes the answer, and makes the next move.
     *
     * @param logits at the point
     * @param gradient of the loss by the point; empty where none was asked for
     */
    void answer(float[] logits, float[] gradient);

    /** What the attack returns: a point within the budget that is classified otherwise, or what the attack returns where it finds none. */
    float[] result();

    /** Whether the result is classified otherwise, and within the budget. */
    boolean broken();

    /** Which of several results is to be preferred: the smaller; infinite where nothing was found. */
    default double rank() {
        return broken() ? 0 : Double.POSITIVE_INFINITY;
    }

    /** Gives its state to be stored, or takes the stored one: all that changes. */
    void state(State state);
}
