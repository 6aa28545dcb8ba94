package dev.canonica.cadistill.attack;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;

/**
 * What an attack did to one image.
 *
 * @param correct whether the image is classified rightly as it is; where not, it is not attacked
 * @param robust whether it is, and what the attack returns is classified rightly, too, or lies beyond the budget
 * @param image what the attack returns, [C, H, W] in a row
 * @param norm the length of the perturbation
 * @param effort questions that the classifier was asked
 */
public record ImageResult(boolean correct, boolean robust, float[] image, double norm, Effort effort) {
    /**
     * Questions about one image.
     *
     * @param points at how many points the classifier was evaluated
     * @param gradients at how many of them a gradient was asked for
     * @param zeros how many of these gradients were zero throughout
     */
    public record Effort(int points, int gradients, int zeros) {
        /** No question yet. */
        public static final Effort NONE = new Effort(0, 0, 0);

        /** Questions of both. */
        public Effort plus(Effort other) {
            return new Effort(points + other.points, gradients + other.gradients, zeros + other.zeros);
        }
    }

    /** Shapes in the place of arrays. */
    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
