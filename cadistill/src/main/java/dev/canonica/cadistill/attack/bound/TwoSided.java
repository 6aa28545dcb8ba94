package dev.canonica.cadistill.attack.bound;

import dev.canonica.cadistill.attack.Affine;
import dev.canonica.cadistill.attack.AttackStore;
import dev.canonica.cadistill.attack.ImageResult;
import dev.canonica.cadistill.attack.Images;
import dev.canonica.cadistill.attack.Victim;
import dev.canonica.cadistill.attack.budget.Budget;
import dev.canonica.cadistill.attack.budget.L2;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * What is known of each image from both sides: an attack that breaks it, a bound within which nothing does.
 *
 * @param bound where the bound is from
 * @param images of each image, in order
 */
public record TwoSided(Bound bound, List<Known> images) {
    /** Where a bound from below is from. */
    public enum Bound {
        /** None is known: an image is broken or undecided. */
        NONE("no bound from below"),
        /** The exact distance from the boundary of a linear classifier. */
        EXACT("exact distance of a linear classifier"),
        /** Randomised smoothing, of the smoothed classifier. */
        SMOOTHING("randomised smoothing, of the smoothed classifier");

        private final String words;

        Bound(String words) {
            this.words = words;
        }

        /** For those who read it. */
        public String words() {
            return words;
        }
    }

    /** How much, relatively, single precision may move the boundary of a linear classifier. */
    private static final double ROUNDING = 1e-3;

    /**
     * What is known of images that were attacked; empty where the classifier draws at random and nothing is certified, so that an attack's success is a draw, too.
     *
     * @param plain the classifier without noise
     * @param noise what stands before it
     * @param attacked what the {@linkplain #strongest strongest} of the attacks did to each image
     * @param batch images in the classifier at a time; nothing depends on it
     * @param seed of what is drawn
     * @param store of certificates
     * @param progress told how many images are certified
     */
    public static Optional<TwoSided> of(
            Victim plain,
            NoiseSettings noise,
            Images images,
            List<ImageResult> attacked,
            Budget budget,
            int batch,
            long seed,
            AttackStore store,
            IntConsumer progress) {
        if (noise.sigma() > 0) {
            if (noise.certify().isEmpty() || !(budget.norm() instanceof L2)) {
                return Optional.empty();
            }
            Smoothing smoothing = new Smoothing(
                    plain, images.shape(), noise.sigma(), noise.certify().getAsInt(), batch);
            return Optional.of(new TwoSided(
                    Bound.SMOOTHING,
                    SmoothedImages.certify(smoothing, images, attacked, budget, seed, store, progress)));
        }
        Optional<LinearDistance> distance = plain.affine().map(TwoSided::distance);
        List<Known> known = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            ImageResult attack = attacked.get(i);
            // an attack keeps to the box, and so leaves an image that lies outside of it for one that may be farther
            // than ε
            boolean broken = !attack.robust() && within(budget, attack.norm());
            double radius = 0; // of what lies outside of the box none is known
            if (distance.isPresent() && images.inBox(i)) {
                radius = distance.get().of(images.values(i), images.label(i), budget.norm());
            }
            known.add(new Known(radius, verdict(budget, radius, broken), attack.robust() ? Double.NaN : attack.norm()));
        }
        return Optional.of(new TwoSided(distance.isPresent() ? Bound.EXACT : Bound.NONE, List.copyOf(known)));
    }

    /**
     * This with what is known by a smaller ε of the same norm, classifier and noise: a change that breaks an image there breaks it here.
     *
     * @param smaller the same images by a smaller ε
     * @param budget that this is known within
     */
    public TwoSided with(TwoSided smaller, Budget budget) {
        List<Known> all = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            Known own = images.get(i);
            double least = smaller.images.get(i).broken();
            if (within(budget, least)) {
                // where a bound says otherwise, neither is believed, as within one ε
                Verdict verdict = own.radius() >= budget.eps() ? Verdict.UNDECIDED : Verdict.BROKEN;
                own = new Known(own.radius(), verdict, own.broken() <= least ? own.broken() : least);
            }
            all.add(own);
        }
        return new TwoSided(bound, List.copyOf(all));
    }

    /** Whether a change is no longer than ε, but for rounding; none is where its length is NaN. */
    private static boolean within(Budget budget, double length) {
        return length <= budget.eps() * (1 + ROUNDING);
    }

    private static LinearDistance distance(Affine affine) {
        return new LinearDistance(affine.weights(), affine.bias());
    }

    /** Where bound and attack contradict one another within what rounding makes of the boundary, neither is believed. */
    private static Verdict verdict(Budget budget, double radius, boolean broken) {
        boolean atTheBoundary = broken && radius >= budget.eps() && radius <= budget.eps() * (1 + ROUNDING);
        return atTheBoundary ? Verdict.UNDECIDED : Verdict.of(budget, radius, broken);
    }

    /** Of each image the least change that breaks it, of all attacks; where none does, what the last one returned. */
    public static List<ImageResult> strongest(List<List<ImageResult>> attacks) {
        List<ImageResult> all = new ArrayList<>();
        for (int i = 0; i < attacks.getFirst().size(); i++) {
            ImageResult best = attacks.getLast().get(i);
            for (List<ImageResult> attack : attacks) {
                ImageResult r = attack.get(i);
                if (!r.robust() && (best.robust() || r.norm() < best.norm())) {
                    best = r;
                }
            }
            all.add(best);
        }
        return all;
    }
}
