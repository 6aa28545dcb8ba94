package dev.canonica.cadistill.attack;

import dev.canonica.cadistill.attack.ImageResult.Effort;
import dev.canonica.cadistill.attack.Victim.Answer;
import dev.canonica.cadistill.attack.Victim.Question;
import dev.canonica.tensor.Philox;

/** A pursuit of one image on its way, with its questions counted. */
final class Lane {
    private final int image;
    private final Pursuit pursuit;
    private final Philox noise;
    private Effort effort = Effort.NONE;

    /**
     * A lane.
     *
     * @param image its place among the images
     * @param noise for the noise of a randomised defence, apart from what the attack draws
     */
    Lane(int image, Pursuit pursuit, Philox noise) {
        this.image = image;
        this.pursuit = pursuit;
        this.noise = noise;
    }

    int image() {
        return image;
    }

    Pursuit pursuit() {
        return pursuit;
    }

    Effort effort() {
        return effort;
    }

    boolean wantsGradient() {
        return pursuit.loss() != null;
    }

    Question question() {
        return new Question(pursuit.point(), pursuit.loss(), noise.child(effort.points()));
    }

    void answer(Answer answer) {
        int asked = answer.gradient().length > 0 ? 1 : 0;
        effort = effort.plus(new Effort(1, asked, asked > 0 && isZero(answer.gradient()) ? 1 : 0));
        pursuit.answer(answer.logits(), answer.gradient());
    }

    private static boolean isZero(float[] g) {
        for (float v : g) {
            if (v != 0) {
                return false;
            }
        }
        return true;
    }

    /** Stores or restores. */
    void state(State s) {
        effort = new Effort(
                s.count("points asked", effort.points()),
                s.count("gradients asked", effort.gradients()),
                s.count("zero gradients", effort.zeros()));
        pursuit.state(s);
    }
}
