package dev.canonica.clarid.sweep;

import dev.canonica.clarid.metrics.Elbow;
import java.util.Arrays;
import java.util.Locale;

/** How many of an image's directions are removed. */
public sealed interface KRule {
    /**
     * Of a rule by evidence that names no number: a direction of which a fifth is the class's is left. Found on 64 images with the shipped model, where it is the threshold of least background variance beside shrinking at
     * equal similarity; 0.5 removes nearly all directions (docs/sweep.md).
     */
    double EVIDENCE = 0.2;

    /** So many, of every image. */
    record Fixed(int k) implements KRule {}

    /** The elbow of the image's spectrum (arXiv 2506.09955: adaptive k). */
    record AtElbow() implements KRule {}

    /**
     * In the order of removal, those before the first that carries more of the class ({@link dev.canonica.clarid.ClassEvidence}); none, where it is the
     * first. A rule of our own.
     *
     * @param most evidence of a direction that is removed
     */
    record Evidence(double most) implements KRule {}

    /**
     * Reads {@code adaptive}, {@code evidence}, {@code evidence:E} or a number.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    static KRule of(String text) {
        if (text.equals("adaptive")) {
            return new AtElbow();
        }
        if (text.equals("evidence")) {
            return new Evidence(EVIDENCE);
        }
        if (text.matches("0*[1-9][0-9]{0,8}")) { // in ASCII digits
            return new Fixed(Integer.parseInt(text));
        }
        if (text.matches("evidence:[0-9]*\\.?[0-9]+([eE][+-]?[0-9]{1,9})?")) {
            double most = Double.parseDouble(text.substring("evidence:".length()));
            if (Double.isFinite(most)) {
                return new Evidence(most);
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' is none of adaptive, evidence, evidence:E with E from 0, and a number from 1");
    }

    /** As {@link #of} reads it. */
    default String title() {
        return switch (this) {
            case Fixed(int k) -> Integer.toString(k);
            case AtElbow() -> "adaptive";
            case Evidence(double most) -> String.format(Locale.ROOT, "evidence:%s", most);
        };
    }

    /** Whether it asks how much of the class each direction carries. */
    default boolean asksEvidence() {
        return this instanceof Evidence;
    }

    /**
     * k of an image.
     *
     * @param sigma its singular values, strongest first [n]
     * @param order in which its directions are removed [n]
     * @param evidence of each direction [n]; empty where {@link #asksEvidence} is false
     */
    default int of(double[] sigma, int[] order, double[] evidence) {
        return switch (this) {
            case Fixed(int k) -> Math.min(k, sigma.length);
            case AtElbow() -> Elbow.of(sigma).k();
            case Evidence(double most) ->
                (int) Arrays.stream(order).takeWhile(i -> evidence[i] <= most).count();
        };
    }
}
