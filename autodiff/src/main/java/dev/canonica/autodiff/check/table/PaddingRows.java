package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Padding;
import dev.canonica.autodiff.check.Row;
import java.util.List;

/** The rows of {@link Padding}. */
final class PaddingRows {
    private PaddingRows() {}

    static List<Row> rows() {
        return List.of(
                Row.unary("Padding.constant", x -> Padding.constant(x, 0, 1, 2, -1.5))
                        .at(3)
                        .at(2, 5)
                        .at(0, 2)
                        .with("axis -1", x -> Padding.constant(x, -1, 0, 3, 2))
                        .at(2, 3, 5)
                        .with("negative", x -> Padding.constant(x, 0, 1, -2, 0))
                        .refuses("constant: negative padding 1, -2", s(3)),
                Row.unary("Padding.reflect", x -> Padding.reflect(x, 0, 1, 2))
                        .at(3)
                        .at(5, 2)
                        .with("axis -1", x -> Padding.reflect(x, -1, 2, 0))
                        .at(2, 3, 5)
                        .refuses("reflect: padding 2, 0 is not below the extent of axis -1 of [5, 2]", s(5, 2)),
                Row.unary("Padding.replicate", x -> Padding.replicate(x, 0, 1, 4))
                        .at(1)
                        .at(3, 2)
                        .with("axis -1", x -> Padding.replicate(x, -1, 2, 0))
                        .at(2, 3, 5)
                        .refuses("replicate: axis -1 of [5, 0] is empty", s(5, 0)),
                Row.unary("Padding.circular", x -> Padding.circular(x, 0, 1, 4))
                        .at(1)
                        .at(3, 2)
                        .with("axis -1", x -> Padding.circular(x, -1, 2, 0))
                        .at(2, 3, 5)
                        .refuses("circular: axis -1 of [0] is empty", s(0)));
    }
}
