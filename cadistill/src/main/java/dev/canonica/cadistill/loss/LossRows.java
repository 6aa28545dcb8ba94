package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.autodiff.check.Tolerance;
import dev.canonica.tensor.Shape;
import java.util.List;
import java.util.function.BinaryOperator;

/** The losses' rows in a table of checks, named by their methods, to be checked by first derivatives. */
public final class LossRows {
    /** Losses are long compositions, whose roundings add up; those of F32 in the kernel of nearly equal rows most. */
    private static final Tolerance TOLERANCE = new Tolerance(2e-4, 1e-7, 1e-11);

    private LossRows() {}

    /** All rows. */
    public static List<Row> rows() {
        return List.of(
                ofFeatures("Cka.linear", Cka::linear),
                ofFeatures("Cka.unbiased", Cka::unbiased),
                atFeatures(atFeatures(Row.binary("Cka.rbf", (a, b) -> Cka.rbf(a, b, 2.5)))
                        .withInputs("through", v -> Cka.rbf(v.get(0), v.get(1), Cka.Bandwidth.MEDIAN_OF_PAIRS, true))),
                ofFeatures("Rkd.distance", Rkd::distance),
                ofFeatures("Rkd.angle", Rkd::angle),
                ofFeatures("Rkd.loss", Rkd::loss),
                ofFeatures("Procrustes.loss", Procrustes::loss),
                ofFeatures("Gram.loss", Gram::loss),
                ofMaps("AttentionTransfer.loss", AttentionTransfer::loss),
                ofMaps("AttentionTransfer.halfNorm", AttentionTransfer::halfNorm),
                hint("FitNet.mse", FitNet::mse),
                hint("FitNet.halfSum", FitNet::halfSum));
    }

    private static Row ofFeatures(String name, BinaryOperator<Var> loss) {
        return atFeatures(Row.binary(name, loss));
    }

    private static Row atFeatures(Row row) {
        return row.tolerance(TOLERANCE)
                .at(Shape.of(5, 3), Shape.of(5, 2))
                .at(Shape.of(7, 17), Shape.of(7, 9))
                .at(Shape.of(12, 5), Shape.of(12, 15));
    }

    private static Row ofMaps(String name, BinaryOperator<Var> loss) {
        return Row.binary(name, loss).tolerance(TOLERANCE).at(Shape.of(3, 5, 4, 7), Shape.of(3, 2, 4, 7));
    }

    private interface Hint {
        Var apply(Var x, Var y, Var weight, Var bias);
    }

    private static Row hint(String name, Hint loss) {
        return Row.of(name, v -> loss.apply(v.get(0), v.get(1), v.get(2), v.get(3)))
                .tolerance(TOLERANCE)
                .at(Shape.of(7, 5), Shape.of(7, 3), Shape.of(3, 5), Shape.of(3))
                .at(Shape.of(2, 5, 3, 4), Shape.of(2, 3, 3, 4), Shape.of(3, 5), Shape.of(3));
    }
}
