package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Decompositions;
import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.Tensor;
import java.util.List;

/** The rows of {@link Decompositions}, at matrices that are made well conditioned: a fixed part, and a small one that is sampled. */
final class DecompositionRows {
    private DecompositionRows() {}

    /** i + 2 on the diagonal, and a tenth of x. */
    private static Var diagonal(Var x) {
        Tensor t = x.value();
        int m = t.dim(-2);
        int n = t.dim(-1);
        double[] d = new double[m * n];
        for (int i = 0; i < Math.min(m, n); i++) {
            d[i * n + i] = i + 2;
        }
        return x.times(0.1).plus(Var.constant(Tensor.of(t.device(), d, m, n).to(t.dtype())));
    }

    private static Var qr(Var x) {
        Decompositions.Qr f = Decompositions.qr(x);
        return Layouts.concatenate(-2, f.q(), f.r());
    }

    private static Var lq(Var x) {
        Decompositions.Lq f = Decompositions.lq(x);
        return Layouts.concatenate(-1, f.l(), f.q());
    }

    /** Of the vectors their squares, whose sign does not matter. */
    private static Var svd(Var x) {
        Decompositions.Svd f = Decompositions.svd(x);
        return Layouts.concatenate(-2, f.u().square(), f.s().unsqueeze(-2), f.v().square());
    }

    static List<Row> rows() {
        return List.of(
                Row.binary("Decompositions.solve", (a, b) -> Decompositions.solve(diagonal(a), b))
                        .at(s(1, 1), s(1, 1))
                        .at(s(3, 3), s(3, 2))
                        .at(s(2, 4, 4), s(2, 4, 3))
                        .at(s(3, 3), s(3, 0))
                        .refuses("solve: right sides [..., 3, k] of [3, 3] needed, not [2, 1]", s(3, 3), s(2, 1))
                        .refusesTypes("solve: types differ: F32 and F64", s(2, 2), s(2, 2))
                        .withInputs("singular", v -> Decompositions.solve(v.get(0), v.get(1)))
                        .refuses(
                                "solve: a matrix of shape [2, 2] is singular, or not finite: pivot 0.0 in column 0",
                                s(2, 2),
                                s(2, 2))
                        .refuses("solve: square matrices [..., n, n] needed, shape is [2, 3]", s(2, 3), s(2, 2)),
                Row.binary(
                                "Decompositions.solveTriangular",
                                (a, b) -> Decompositions.solveTriangular(diagonal(a), b, false))
                        .at(s(1, 1), s(1, 1))
                        .at(s(3, 3), s(3, 2))
                        .at(s(2, 4, 4), s(2, 4, 3))
                        .at(s(3, 3), s(3, 0))
                        .withInputs("upper", v -> Decompositions.solveTriangular(diagonal(v.get(0)), v.get(1), true))
                        .at(s(3, 3), s(3, 2))
                        .at(s(2, 4, 4), s(2, 4, 3))
                        .refuses(
                                "solveTriangular: right sides [..., 3, k] of [3, 3] needed, not [2, 1]",
                                s(3, 3),
                                s(2, 1))
                        .refusesTypes("solveTriangular: types differ: F32 and F64", s(2, 2), s(2, 2))
                        .withInputs("singular", v -> Decompositions.solveTriangular(v.get(0), v.get(1), true))
                        .refuses(
                                "solveTriangular: a matrix of shape [2, 2] is singular, or not finite: 0.0 in row 1 of its"
                                        + " diagonal",
                                s(2, 2),
                                s(2, 2))
                        .refuses(
                                "solveTriangular: square matrices [..., n, n] needed, shape is [2, 3]",
                                s(2, 3),
                                s(2, 2)),
                Row.unary("Decompositions.cholesky", x -> Decompositions.cholesky(diagonal(x)))
                        .at(1, 1)
                        .at(4, 4)
                        .at(2, 3, 3)
                        .with("of zeros", Decompositions::cholesky)
                        .refuses(
                                "cholesky: a matrix of shape [2, 2] is not positive definite: pivot 0.0 in row 0",
                                s(2, 2))
                        .refuses("cholesky: square matrices [..., n, n] needed, shape is [3]", s(3)),
                Row.unary("Decompositions.qr", x -> qr(diagonal(x)))
                        .at(1, 1)
                        .at(5, 3)
                        .at(2, 3, 3)
                        .with("of zeros", DecompositionRows::qr)
                        .refusesToDifferentiate(
                                "qr: column 0 of a matrix of shape [3, 2] depends on those before it: Q is no"
                                        + " differentiable function of it",
                                s(3, 2))
                        .refuses(
                                "qr: at least as many rows as columns needed, shape is [2, 3]; lq takes wide matrices",
                                s(2, 3)),
                Row.unary("Decompositions.lq", x -> lq(diagonal(x)))
                        .at(1, 1)
                        .at(3, 5)
                        .at(2, 3, 3)
                        .with("of zeros", DecompositionRows::lq)
                        .refusesToDifferentiate(
                                "lq: row 0 of a matrix of shape [2, 3] depends on those before it: Q is no"
                                        + " differentiable function of it",
                                s(2, 3))
                        .refuses(
                                "lq: at most as many rows as columns needed, shape is [3, 2]; qr takes tall matrices",
                                s(3, 2)),
                Row.unary("Decompositions.singularValues", x -> Decompositions.singularValues(diagonal(x)))
                        .at(1, 1)
                        .at(5, 3)
                        .at(2, 3, 4)
                        .with("alone", Decompositions::singularValues)
                        .refuses("svd: a matrix needed, shape is [3]", s(3)),
                Row.unary("Decompositions.svd", x -> svd(diagonal(x)))
                        .at(1, 1)
                        .at(5, 3)
                        .at(2, 3, 4)
                        .with("of zeros", DecompositionRows::svd)
                        .refusesToDifferentiate(
                                "svd: singular values 0.0 and 0.0 of a matrix of shape [2, 2] are too near each other: their"
                                        + " vectors are no differentiable function of it",
                                s(2, 2)));
    }
}
