package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Matrices;
import dev.canonica.autodiff.Var;
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
                        .at(s(7), s(7, 5))
                        .at(s(3, 7), s(7))
                        .at(s(7), s(7))
                        .at(s(2, 3, 7), s(7))
                        .at(s(7), s(2, 7, 3))
                        .refuses("matmul: inner dimensions differ: [1, 3] x [4, 1]", s(3), s(4))
                        .refuses("matmul: matrices needed: [] x [3, 2]", s(), s(3, 2))
                        .refuses("matmul: shapes do not broadcast: [2] and [3]", s(2, 1, 1), s(3, 1, 1))
                        .refusesTypes("matmul: types differ: F32 and F64", s(2, 2), s(2, 2)),
                einsum(),
                Row.binary("Matrices.dot", Matrices::dot)
                        .at(s(1), s(1))
                        .at(s(7), s(7))
                        .at(s(0), s(0))
                        .refuses("dot: vectors of one length needed: [3] and [1]", s(3), s(1)),
                Row.binary("Matrices.outer", Matrices::outer)
                        .at(s(1), s(5))
                        .at(s(7), s(3))
                        .at(s(3), s(0))
                        .refuses("outer: vectors needed: [3, 1] and [3]", s(3, 1), s(3)),
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

    private static Row einsum() {
        return Row.of("Matrices.einsum", v -> Matrices.einsum("bij,bjk->bik", v.toArray(new Var[0])))
                .at(s(2, 3, 7), s(2, 7, 5))
                .at(s(0, 3, 7), s(0, 7, 5))
                .with("a trace", x -> Matrices.einsum("ii", x))
                .at(5, 5)
                .with("a diagonal of a batch", x -> Matrices.einsum("...ii->i...", x))
                .at(2, 3, 3)
                .withInputs("sums and a transposition", v -> Matrices.einsum("ijk,l->kj", v.toArray(new Var[0])))
                .at(s(2, 3, 5), s(7))
                .withInputs("dots", v -> Matrices.einsum("...ij,...j->...i", v.toArray(new Var[0])))
                .at(s(2, 3, 4, 5), s(2, 3, 5))
                .withInputs("three", v -> Matrices.einsum("ab,bc,ad", v.toArray(new Var[0])))
                .at(s(3, 4), s(4, 2), s(3, 5))
                .withInputs("an inner product", v -> Matrices.einsum("ij,ij->", v.toArray(new Var[0])))
                .at(s(3, 4), s(3, 4))
                .refuses("einsum 'ij,ij->': axis 'i' has extents 3 and 2", s(3, 4), s(2, 4))
                .refuses("einsum 'ij,ij->': 2 terms for 1 operands", s(3, 4))
                .refuses("einsum 'ij,ij->': 'ij' does not name the axes of [3]", s(3), s(3, 4))
                .with("x", x -> Matrices.einsum("i->j", x))
                .refuses("einsum 'i->j': 'j' of the result names no axis", s(3))
                .with("x", x -> Matrices.einsum("i->ii", x))
                .refuses("einsum 'i->ii': 'i' is twice in the result", s(3))
                .with("x", x -> Matrices.einsum("i1->i", x))
                .refuses("einsum 'i1->i': '1' is no letter", s(3, 3));
    }
}
