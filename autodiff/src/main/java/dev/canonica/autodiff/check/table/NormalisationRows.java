package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.WIDE;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import java.util.List;
import java.util.function.Function;

/** The rows of {@link Normalisation}. */
final class NormalisationRows {
    private NormalisationRows() {}

    private static Function<List<Var>, Var> groupNorm(int groups) {
        return v -> Normalisation.groupNorm(v.get(0), groups, v.get(1), v.get(2), 1e-5);
    }

    static List<Row> rows() {
        return List.of(
                Row.unary("Normalisation.softmax", x -> Normalisation.softmax(x))
                        .atAll(Shapes.ROWS)
                        .domain(WIDE)
                        .at(3, 33)
                        .refuses("axis -1 does not exist in shape []", s())
                        .with("axis 0", x -> Normalisation.softmax(x, 0))
                        .at(7, 3)
                        .at(5, 2, 3)
                        .with("axis -2", x -> Normalisation.softmax(x, -2))
                        .at(2, 5, 3)
                        .refuses("axis -2 does not exist in shape [3]", s(3)),
                Row.unary("Normalisation.logSoftmax", x -> Normalisation.logSoftmax(x))
                        .atAll(Shapes.ROWS)
                        .domain(WIDE)
                        .at(3, 33)
                        .refuses("axis -1 does not exist in shape []", s())
                        .with("axis 0", x -> Normalisation.logSoftmax(x, 0))
                        .at(7, 3)
                        .at(5, 2, 3)
                        .with("axis -2", x -> Normalisation.logSoftmax(x, -2))
                        .at(2, 5, 3)
                        .refuses("axis -2 does not exist in shape [3]", s(3)),
                Row.unary("Normalisation.normalize", x -> Normalisation.normalize(x, 1e-6))
                        .atAll(Shapes.ROWS)
                        .domain(WIDE)
                        .at(3, 33)
                        .with("epsilon 0.1", x -> Normalisation.normalize(x, 0.1))
                        .at(5, 2, 7)
                        .refuses("axis -1 does not exist in shape []", s()),
                Row.unary("Normalisation.unit", x -> Normalisation.unit(x, 0))
                        .at(7)
                        .at(5, 17)
                        .at(2, 3, 5)
                        .at(0, 7)
                        .with("floor 100", x -> Normalisation.unit(x, 100))
                        .at(5, 7)
                        .refuses("axis -1 does not exist in shape []", s()),
                Row.of("Normalisation.groupNorm", groupNorm(1))
                        .at(s(1, 1, 1), s(1), s(1))
                        .at(s(2, 3, 5, 7), s(3), s(3))
                        .at(s(5, 5), s(5), s(5))
                        .at(s(0, 3, 2), s(3), s(3))
                        .withInputs("3 groups", groupNorm(3))
                        .at(s(2, 6, 3, 1), s(6), s(6))
                        .at(s(1, 15, 17), s(15), s(15))
                        .refuses(
                                "groupNorm: 3 groups of the channels of [2, 4, 3, 2]: needed [B, C, ...] with C a"
                                        + " multiple of the groups",
                                s(2, 4, 3, 2),
                                s(4),
                                s(4))
                        .refuses(
                                "groupNorm: scale [6] and shift [3] for [2, 6, 3], needed [6]", s(2, 6, 3), s(6), s(3)),
                Row.ternary(
                                "Normalisation.batchNorm",
                                (x, scale, shift) -> Normalisation.batchNorm(x, scale, shift, 1e-5))
                        .at(s(1, 1, 1, 1), s(1), s(1))
                        .at(s(2, 3, 5, 7), s(3), s(3))
                        .at(s(7, 5), s(5), s(5))
                        .at(s(5, 5, 3), s(5), s(5))
                        .at(s(0, 3, 2), s(3), s(3))
                        .at(s(3, 0, 2), s(0), s(0))
                        .refuses("batchNorm: [B, C, ...] needed, shape is [3]", s(3), s(3), s(3))
                        .refuses(
                                "batchNorm: scale [2] and shift [3] for [2, 3, 4, 5], needed [3]",
                                s(2, 3, 4, 5),
                                s(2),
                                s(3)),
                Row.ternary(
                                "Normalisation.batchNormalised",
                                (x, scale, shift) -> Normalisation.batchNormalised(x, scale, shift, 0.1)
                                        .value())
                        .at(s(2, 3, 5), s(3), s(3))
                        .at(s(7, 1), s(1), s(1))
                        .at(s(3, 5, 1, 2), s(5), s(5)),
                Row.ternary("Normalisation.scaleShift", Normalisation::scaleShift)
                        .at(s(1, 1, 1, 1), s(1), s(1))
                        .at(s(2, 3, 5, 7), s(3), s(3))
                        .at(s(5, 5), s(5), s(5))
                        .at(s(0, 3, 2), s(3), s(3))
                        .refuses("scaleShift: [B, C, ...] needed, shape is [3]", s(3), s(3), s(3))
                        .refuses(
                                "scaleShift: scale [3] and shift [2] for [2, 3, 4, 5], needed [3]",
                                s(2, 3, 4, 5),
                                s(3),
                                s(2)));
    }
}
