package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.LinearLayers;
import dev.canonica.autodiff.Rematerialisation;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.function.Unary;
import java.util.List;

/** The row of {@link Rematerialisation}: of tanh(SiLU(x wᵀ + b)), computed again. */
final class RematerialisationRows {
    private RematerialisationRows() {}

    static List<Row> rows() {
        return List.of(Row.of(
                        "Rematerialisation.rematerialised",
                        v -> Rematerialisation.rematerialised(RematerialisationRows::block, v))
                .at(s(7), s(3, 7), s(3))
                .at(s(1, 1), s(1, 1), s(1))
                .at(s(2, 3, 17), s(33, 17), s(33))
                .at(s(0, 7), s(3, 7), s(3))
                .at(s(2, 0), s(3, 0), s(3))
                .refuses("linear: shapes do not fit: input [2, 3], weight [4, 5], bias [4]", s(2, 3), s(4, 5), s(4)));
    }

    private static Var block(List<Var> v) {
        return Activations.tanh(LinearLayers.activated(v.get(0), v.get(1), v.get(2), Unary.SILU));
    }
}
