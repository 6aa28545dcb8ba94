package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.QUARTERS;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Selections;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.Tensor;
import java.util.List;

/** The rows of {@link Selections}. */
final class SelectionRows {
    private static final Tensor MASK = Tensor.of(new byte[] {1, 0, 1}, 3);

    private SelectionRows() {}

    static List<Row> rows() {
        return List.of(
                Row.binary("Selections.where", (x, y) -> Selections.where(MASK, x, y))
                        .at(s(3), s(3))
                        .at(s(5, 3), s(5, 3))
                        .at(s(), s(2, 1, 3))
                        .at(s(5, 1), s(3))
                        .at(s(0, 3), s(3))
                        .refuses("where: shapes do not broadcast: [3] and [2]", s(2), s(3))
                        .refusesTypes("where_positive: types differ: F64 and F32", s(3), s(3)),
                Row.unary("Selections.clamp", x -> Selections.clamp(x, -1, 0.5))
                        .domain(QUARTERS)
                        .atAll(Shapes.ELEMENTWISE)
                        .with("from 0", x -> Selections.clamp(x, 0, Double.POSITIVE_INFINITY))
                        .at(17)
                        .refuses(
                                "clamp: [1.0, 0.0] is no interval",
                                () -> Selections.clamp(Var.constant(Tensor.of(new float[] {1}, 1)), 1, 0))
                        .refuses(
                                "clamp: [NaN, 0.0] is no interval",
                                () -> Selections.clamp(Var.constant(Tensor.of(new float[] {1}, 1)), Double.NaN, 0)));
    }
}
