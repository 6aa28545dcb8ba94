package dev.canonica.cli.audit;

import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;

/**
 * The worst error of a kind.
 *
 * @param kind what is compared
 * @param error relative
 * @param allowed the greatest that passes
 * @param name of the primitive or layer
 * @param where its setting and shapes
 */
public record Check(ErrorKind kind, double error, double allowed, String name, String where) {
    static Check of(CheckResult result, ErrorKind kind, double allowed) {
        return new Check(
                kind, result.worst(kind), allowed, result.name(), result.where().getOrDefault(kind, ""));
    }

    /** The error as a share of what is allowed; infinite for NaN, so that it comes first. */
    double share() {
        return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error / allowed;
    }
}
