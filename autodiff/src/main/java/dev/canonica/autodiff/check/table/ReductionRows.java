package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.DISTINCT;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.check.Row;
import java.util.List;

/** The rows of {@link Reductions}. */
final class ReductionRows {
    private ReductionRows() {}

    static List<Row> rows() {
        return List.of(
                Row.unary("Reductions.sum", x -> Reductions.sum(x, 0))
                        .at(1)
                        .at(65)
                        .at(5, 3)
                        .at(7, 2, 17)
                        .at(0, 3)
                        .at(3, 0)
                        .with("axis 1", x -> Reductions.sum(x, 1))
                        .at(2, 5, 33)
                        .at(3, 1)
                        .with("axis -1", x -> Reductions.sum(x, -1))
                        .at(2, 5, 33)
                        .at(2, 0)
                        .with("axes 0 and -1", x -> Reductions.sum(x, -1, 0))
                        .at(2, 5, 3)
                        .at(3, 0)
                        .with("axis twice", x -> Reductions.sum(x, 1, -1))
                        .refuses("sum: axes [1, -1] of [3, 4]: at least one, and each once, needed", s(3, 4))
                        .with("axis 2", x -> Reductions.sum(x, 2))
                        .refuses("axis 2 does not exist in shape [3, 4]", s(3, 4)),
                Row.unary("Reductions.mean", x -> Reductions.mean(x, 0))
                        .at(1)
                        .at(33)
                        .at(5, 3)
                        .at(3, 0)
                        .with("axis -1", x -> Reductions.mean(x, -1))
                        .at(2, 5, 17)
                        .at(0, 7)
                        .with("axes 0 and 2", x -> Reductions.mean(x, 0, 2))
                        .at(2, 5, 3)
                        .with("axis 0", x -> Reductions.mean(x, 0))
                        .refuses("axis 0 does not exist in shape []", s()),
                Row.unary("Reductions.sumAll", Reductions::sumAll).atAll(Shapes.ELEMENTWISE),
                Row.unary("Reductions.meanAll", Reductions::meanAll)
                        .at(s())
                        .at(1)
                        .at(33)
                        .at(2, 5, 7),
                Row.unary("Reductions.norm", Reductions::norm)
                        .at(7)
                        .at(5, 17)
                        .at(2, 3, 5)
                        .at(0, 7)
                        .refuses("axis -1 does not exist in shape []", s()),
                Row.unary("Reductions.max", x -> Reductions.max(x))
                        .domain(DISTINCT)
                        .at(1)
                        .at(7)
                        .at(33)
                        .at(5, 17)
                        .at(2, 3, 1)
                        .at(0, 7)
                        .refuses("axis -1 does not exist in shape []", s())
                        .with("axis 0", x -> Reductions.max(x, 0))
                        .at(5, 3)
                        .with("axes 0 and 2", x -> Reductions.max(x, 0, 2))
                        .at(2, 5, 7),
                Row.unary("Reductions.min", x -> Reductions.min(x, 0))
                        .domain(DISTINCT)
                        .at(1)
                        .at(5, 17)
                        .with("axes 0 and -1", x -> Reductions.min(x, 0, -1))
                        .at(2, 3, 7)
                        .with("axis 1", x -> Reductions.min(x, 1))
                        .refuses("axis 1 does not exist in shape [3]", s(3)));
    }
}
