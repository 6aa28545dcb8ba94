package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Dropout;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.Philox;
import java.util.List;

/** The row of {@link Dropout}, whose mask is the same at each call. */
final class DropoutRows {
    private DropoutRows() {}

    static List<Row> rows() {
        return List.of(Row.unary("Dropout.dropout", x -> Dropout.dropout(x, 0.25, new Philox(7)))
                .at(s())
                .at(33)
                .at(5, 13)
                .at(0)
                .with("p = 0", x -> Dropout.dropout(x, 0, new Philox(7)))
                .at(7)
                .with("p = 1", x -> Dropout.dropout(x, 1, new Philox(7)))
                .refuses("dropout: the probability must lie in [0, 1): 1.0", s(3)));
    }
}
