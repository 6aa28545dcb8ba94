package dev.canonica.cli.audit;

import dev.canonica.autodiff.check.ErrorKind;
import java.util.List;
import java.util.Set;

/**
 * An equation of the method.
 *
 * @param group what it belongs to
 * @param title its name
 * @param place the Javadoc that states it, above the code that computes it
 * @param tests files of the tests that hold it
 * @param cases golden cases that hold it: names, or their beginnings where they end in a hyphen or an underscore
 * @param kinds errors of the primitives that tell of it
 * @param decomposed whether the exact decomposition of the model's Jacobian tells of it
 */
public record Equation(
        String group,
        String title,
        Place place,
        List<String> tests,
        List<String> cases,
        Set<ErrorKind> kinds,
        boolean decomposed) {
    Equation heldBy(String... files) {
        return new Equation(group, title, place, List.of(files), cases, kinds, decomposed);
    }

    Equation heldByLosses() {
        String folder = "cadistill/src/test/java/dev/canonica/cadistill/loss/";
        return heldBy(folder + "GoldenLossesTest.java", folder + "LossDerivativesTest.java");
    }

    Equation on(List<String> golden) {
        return new Equation(group, title, place, tests, golden, kinds, decomposed);
    }

    Equation measuredBy(ErrorKind... errors) {
        return new Equation(group, title, place, tests, cases, Set.of(errors), decomposed);
    }

    Equation byDecomposition() {
        return new Equation(group, title, place, tests, cases, kinds, true);
    }

    Equation on(String... golden) {
        return on(List.of(golden));
    }

    /** Whether a golden case holds it. */
    boolean isHeldBy(String golden) {
        return cases.stream()
                .anyMatch(c -> c.endsWith("-") || c.endsWith("_") ? golden.startsWith(c) : golden.equals(c));
    }
}
