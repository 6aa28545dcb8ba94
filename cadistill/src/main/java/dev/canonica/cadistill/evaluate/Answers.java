package dev.canonica.cadistill.evaluate;

import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Means;
import dev.canonica.clarid.statistics.Proportion;
import java.util.List;

/**
 * What a model says of the images of a set, shown in one way.
 *
 * @param answers one an image, in the set's order
 */
public record Answers(List<Answer> answers) {

    /** Keeps a copy. */
    public Answers {
        answers = List.copyOf(answers);
    }

    /** Number of images. */
    public int size() {
        return answers.size();
    }

    /** Which images are classified rightly. */
    public boolean[] right() {
        boolean[] right = new boolean[answers.size()];
        for (int i = 0; i < right.length; i++) {
            right[i] = answers.get(i).right();
        }
        return right;
    }

    /** The share of images that are classified rightly, with Wilson's interval. */
    public Interval accuracy() {
        return Proportion.of(right()).wilson();
    }

    /** The mean negative log-likelihood, in nats. */
    public Interval nll() {
        return Means.of(answers.stream().mapToDouble(Answer::nll).toArray());
    }

    /** The mean Brier score: 0 at best, 2 at worst. */
    public Interval brier() {
        return Means.of(answers.stream().mapToDouble(Answer::brier).toArray());
    }
}
