package dev.canonica.cadistill.attack.check;

import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Logits;
import dev.canonica.cadistill.attack.Questions;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.method.AttackSuite.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Checks of attacks by the classifier that was attacked and by what they found: what makes figures of robustness too good, in the experience of those who evaluate them (Carlini et al., 2019, arXiv 1902.06705; Croce &amp; Hein 2020, arXiv 2003.01690, flags of AutoAttack).
 */
public final class SelfChecks {
    /** Images that checks look at, which ask the classifier more. */
    private static final int SAMPLE = 64;

    /** A share of images, from which on zero gradients are a reason to doubt. */
    private static final double BLIND = 0.01;

    /** Images that are asked about alone and together, whatever the batch of the rest. */
    private static final int TOGETHER = 8;

    private final Victim victim;
    private final Images images;
    private final Budget budget;
    private final int batch;
    private final Questions questions;

    /**
     * Checks of attacks on these images.
     *
     * @param batch images in the classifier at a time, at most
     */
    public SelfChecks(Victim victim, Images images, Budget budget, int batch) {
        this.victim = victim;
        this.images = images;
        this.budget = budget;
        this.batch = batch;
        this.questions = new Questions(victim.deterministic(), images.shape(), batch);
    }

    /** All checks that these attacks give reason for. */
    public List<Finding> of(List<Outcome> outcomes) {
        List<Finding> all = new ArrayList<>();
        all.add(box());
        all.add(repeated());
        all.add(alone());
        List<Outcome> byGradients = outcomes.stream()
                .filter(o -> o.images().stream().anyMatch(r -> r.effort().gradients() > 0))
                .toList();
        byGradients.forEach(o -> all.add(gradients(o)));
        Masking.of(outcomes).ifPresent(all::add);
        int[] correct = correct(outcomes.getFirst());
        if (!byGradients.isEmpty() && correct.length > 0) {
            all.add(new ScaleCheck(victim.deterministic(), images, budget, batch).of(correct));
            all.add(new ActiveTest(victim.deterministic(), images, budget, batch).of(correct));
        }
        return all;
    }

    private static int[] correct(Outcome outcome) {
        return IntStream.range(0, outcome.images().size())
                .filter(i -> outcome.images().get(i).correct())
                .limit(SAMPLE)
                .toArray();
    }

    /** Attacks keep to [0, 1]: an image outside of it is moved into it first, which may take all of the budget. */
    private Finding box() {
        int outside = 0;
        float least = 0;
        float most = 1;
        for (int i = 0; i < images.size(); i++) {
            for (float v : images.values(i)) {
                least = Math.min(least, v);
                most = Math.max(most, v);
            }
            outside += images.inBox(i) ? 0 : 1;
        }
        return new Finding(
                "inputs-in-box",
                outside > 0,
                outside == 0
                        ? "all images lie in [0, 1]"
                        : "%d images hold values outside of [0, 1], from %s to %s: attacks keep to that box, so their robustness is not measured"
                                .formatted(outside, least, most));
    }

    /** Twice the same question. */
    private Finding repeated() {
        List<float[]> points = sample();
        List<float[]> first = questions.logits(points);
        List<float[]> again = questions.logits(points);
        int other = 0;
        int predictions = 0;
        for (int i = 0; i < points.size(); i++) {
            other += Arrays.equals(first.get(i), again.get(i)) ? 0 : 1;
            predictions += Logits.predicted(first.get(i)) == Logits.predicted(again.get(i)) ? 0 : 1;
        }
        return new Finding(
                "repeatable",
                other > 0,
                other == 0
                        ? "the same logits when asked again"
                        : "logits of %d of %d images change when asked again, predictions of %d: the classifier draws at random; attacks need expectation over transformations"
                                .formatted(other, points.size(), predictions));
    }

    /** The same image alone and among others: with the batch's statistics it would not be the same. */
    private Finding alone() {
        List<float[]> points = sample().subList(0, Math.min(TOGETHER, images.size()));
        List<float[]> together = inBatchesOf(TOGETHER, points);
        List<float[]> alone = inBatchesOf(1, points);
        int other = 0;
        for (int i = 0; i < points.size(); i++) {
            other += Arrays.equals(together.get(i), alone.get(i)) ? 0 : 1;
        }
        return new Finding(
                "batch",
                other > 0,
                other == 0
                        ? "the same logits alone as in a batch"
                        : "logits of %d of %d images are others alone than in a batch: batch normalisation in training mode, or another mixing of images"
                                .formatted(other, points.size()));
    }

    private List<float[]> inBatchesOf(int most, List<float[]> points) {
        return new Questions(victim.deterministic(), images.shape(), most).logits(points);
    }

    private List<float[]> sample() {
        return IntStream.range(0, Math.min(SAMPLE, images.size()))
                .mapToObj(images::values)
                .toList();
    }

    /** An attack that mostly gets zero for a gradient does not attack. */
    private static Finding gradients(Outcome outcome) {
        int attacked = 0;
        int blind = 0;
        for (ImageResult r : outcome.images()) {
            if (r.effort().gradients() > 0) {
                attacked++;
                blind += 2 * r.effort().zeros() > r.effort().gradients() ? 1 : 0;
            }
        }
        boolean warns = blind > BLIND * attacked;
        return new Finding(
                "zero-gradients",
                warns,
                "%s: at %d of %d images most gradients were zero%s"
                        .formatted(
                                outcome.name(),
                                blind,
                                attacked,
                                warns ? ": they are masked, or the loss is saturated" : ""));
    }
}
