package dev.canonica.cli.audit;

import dev.canonica.autodiff.check.CheckResult;
import dev.canonica.autodiff.check.ErrorKind;
import dev.canonica.autodiff.check.Row;
import dev.canonica.autodiff.check.Tolerance;
import java.util.Comparator;

/**
 * A primitive, or a loss that is made of primitives, and what its check has found.
 *
 * @param place its Javadoc and code
 * @param formula what its Javadoc says; empty where there is none
 * @param tolerance what is allowed
 */
public record Primitive(Place place, String formula, Tolerance tolerance, CheckResult result) {
    /** The test that runs all rows. */
    static final String TEST = "autodiff/src/test/java/dev/canonica/autodiff/check/table/PrimitiveTableTest.java";

    /** The test that runs the rows of losses. */
    static final String LOSS_TEST = "cadistill/src/test/java/dev/canonica/cadistill/loss/LossDerivativesTest.java";

    static Primitive of(Row row, CheckResult result, Formulas formulas) {
        return of(place(row.name()), row, result, formulas);
    }

    static Primitive ofLoss(Row row, CheckResult result, Formulas formulas) {
        return of(lossPlace(row.name()), row, result, formulas);
    }

    private static Primitive of(Place place, Row row, CheckResult result, Formulas formulas) {
        return new Primitive(place, formulas.primitive(place).orElse(""), row.tolerance(), result);
    }

    /** Of a row's name, such as {@code Activations.exp}. */
    static Place place(String name) {
        return Place.of("autodiff", name.replace('.', '#'));
    }

    /** Of a loss's row, such as {@code Cka.linear}. */
    static Place lossPlace(String name) {
        return Place.of("cadistill", "loss." + name.replace('.', '#'));
    }

    /** The worst of its errors, by its share of what is allowed. */
    Check worst() {
        return result.worst().keySet().stream()
                .map(kind -> Check.of(result, kind, tolerance.of(kind)))
                .max(Comparator.comparingDouble(Check::share))
                .orElse(new Check(ErrorKind.VALUE, 0, 0, result.name(), ""));
    }
}
