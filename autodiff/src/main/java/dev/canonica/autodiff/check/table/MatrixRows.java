package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Matrices;
import dev.canonica.autodiff.check.Row;
import java.util.List;

/** The rows of {@link Matrices}. */
final class MatrixRows {
    private MatrixRows() {}

    static List<Row> rows() {
        return List.of(
                Row.binary("Matrices.matmul", Matrices::matmul)
                        .at(s(1, 1), s(1, 1))
                        .at(s(3, 7), s(7, 5))
                        .at(s(17, 33), s(33, 15))
                        .at(s(2, 3, 7), s(7, 5))
                        .at(s(3, 7), s(2, 7, 5))
                        .at(s(5, 3, 7), s(5, 7, 2))
                        .at(s(5, 1, 3, 4), s(2, 4, 3))
                        .at(s(1, 3, 4), s(3, 4, 1))
                        .at(s(2, 1, 3, 2), s(1, 2, 2, 3))
                        .at(s(0, 3), s(3, 2))
                        .at(s(2, 0), s(0, 3))
                        .at(s(2, 3), s(3, 0))
                        .at(s(0, 2, 3), s(3, 2))
                        .refuses("matmul: inner dimensions differ: [2, 3] x [4, 5]", s(2, 3), s(4, 5))
                        .refuses("matmul: matrices needed: [3] x [3, 2]", s(3), s(3, 2))
                        .refuses("matmul: shapes do not broadcast: [2] and [3]", s(2, 1, 1), s(3, 1, 1))
                        .refusesTypes("matmul: types differ: F32 and F64", s(2, 2), s(2, 2)),
                Row.ternary("Matrices.linear", Matrices::linear)
                        .at(s(7), s(3, 7), s(3))
                        .at(s(1, 1), s(1, 1), s(1))
                        .at(s(5, 7), s(5, 7), s(5))
                        .at(s(2, 3, 17), s(33, 17), s(33))
                        .at(s(2, 1, 3, 5), s(4, 5), s(4))
                        .at(s(65, 31), s(15, 31), s(15))
                        .at(s(0, 7), s(3, 7), s(3))
                        .at(s(2, 0), s(3, 0), s(3))
                        .at(s(2, 3), s(0, 3), s(0))
                        .refuses(
                                "linear: shapes do not fit: input [2, 3], weight [4, 5], bias [4]",
                                s(2, 3),
                                s(4, 5),
                                s(4))
                        .refuses(
                                "linear: shapes do not fit: input [2, 3], weight [4, 3], bias [3]",
                                s(2, 3),
                                s(4, 3),
                                s(3))
                        .refusesTypes("linear: types differ: F32 and F64", s(2, 3), s(4, 3), s(4)));
    }
}
