package dev.canonica.autodiff.check;

import static dev.canonica.autodiff.check.Domain.WIDE;
import static dev.canonica.autodiff.check.Shapes.s;

import dev.canonica.autodiff.Normalisation;
import java.util.List;

/** The rows of {@link Normalisation}. */
final class NormalisationRows {
    private NormalisationRows() {}

    static List<Row> rows() {
        return List.of(
                Row.unary("Normalisation.softmax", Normalisation::softmax)
                        .atAll(Shapes.ROWS)
                        .domain(WIDE)
                        .at(3, 33)
                        .refuses("axis -1 does not exist in shape []", s()),
                Row.unary("Normalisation.logSoftmax", Normalisation::logSoftmax)
                        .atAll(Shapes.ROWS)
                        .domain(WIDE)
                        .at(3, 33)
                        .refuses("axis -1 does not exist in shape []", s()),
                Row.unary("Normalisation.normalize", x -> Normalisation.normalize(x, 1e-6))
                        .atAll(Shapes.ROWS)
                        .domain(WIDE)
                        .at(3, 33)
                        .with("epsilon 0.1", x -> Normalisation.normalize(x, 0.1))
                        .at(5, 2, 7)
                        .refuses("axis -1 does not exist in shape []", s()));
    }
}
