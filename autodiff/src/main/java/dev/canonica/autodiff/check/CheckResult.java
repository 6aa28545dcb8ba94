package dev.canonica.autodiff.check;

import java.util.List;
import java.util.Map;

/**
 * What a check has found.
 *
 * @param name of the primitive or model
 * @param cases points and sets of differentiated inputs that were tried, and refusals
 * @param worst the worst error of each kind over all cases
 * @param where the case that has the worst error of each kind, such as {@code axis 1: [2, 33]}; empty of what has but one case
 * @param failures one line for each miss: where, of what kind, how large, what is allowed
 */
public record CheckResult(
        String name, int cases, Map<ErrorKind, Double> worst, Map<ErrorKind, String> where, List<String> failures) {
    /** What a check of one case has found. */
    public CheckResult(String name, int cases, Map<ErrorKind, Double> worst, List<String> failures) {
        this(name, cases, worst, Map.of(), failures);
    }

    /** Whether everything lay within the tolerance. */
    public boolean passed() {
        return failures.isEmpty();
    }

    /** The worst error of a kind; 0 if none was seen. */
    public double worst(ErrorKind kind) {
        return worst.getOrDefault(kind, 0.0);
    }
}
