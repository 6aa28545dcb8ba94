package dev.canonica.cadistill.evaluate;

import dev.canonica.cadistill.attack.bound.Known;
import dev.canonica.cadistill.attack.bound.TwoSided;
import dev.canonica.cadistill.attack.bound.Verdict;
import dev.canonica.clarid.statistics.Interval;
import dev.canonica.clarid.statistics.Proportion;
import java.util.List;
import java.util.Locale;

/**
 * What is known of each image from both sides, within a norm and ε.
 *
 * @param model its name
 * @param norm by which changes are measured: {@code linf}, {@code l2}
 * @param eps how large a change may be
 * @param bound where the bound from below is from
 * @param images in the set's order
 */
public record Verdicts(String model, String norm, double eps, TwoSided.Bound bound, List<Of> images) {
    /**
     * What is known of an image.
     *
     * @param id of the image
     * @param label its class, as the model numbers them
     * @param known verdict, bound, and the least change that broke it
     */
    public record Of(String id, int label, Known known) {}

    /** The share of images of a verdict, with Wilson's interval. */
    Interval share(Verdict verdict) {
        return new Proportion(count(verdict), images.size()).wilson();
    }

    /** How many images have a verdict. */
    long count(Verdict verdict) {
        return images.stream().filter(i -> i.known().verdict() == verdict).count();
    }

    /** The name of a share among the numbers of the attacks: {@code linf/0.0313725/verdict/robust}. */
    String name(Verdict verdict) {
        return "%s/%s/verdict/%s".formatted(norm, Robustness.eps(eps), word(verdict));
    }

    /** {@code robust}, {@code broken} or {@code undecided}. */
    static String word(Verdict verdict) {
        return verdict.name().toLowerCase(Locale.ROOT);
    }
}
