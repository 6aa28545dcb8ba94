package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.WIDE;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.CrossEntropy;
import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.util.List;

/** The rows of {@link Losses}. */
final class LossRows {
    private static final Tensor ONE = labels(0);
    private static final Tensor FIVE = labels(1, 0, 6, 6, 2);

    private LossRows() {}

    private static Tensor labels(long... labels) {
        return Tensor.of(labels, labels.length);
    }

    private static CrossEntropy weighted(Var x) {
        Tensor w = Tensor.of(new double[] {0.5, 1, 2, 0, 1.5, 3, 0.25}, 7);
        return CrossEntropy.PLAIN.withWeights(w.to(x.value().dtype()));
    }

    static List<Row> rows() {
        return List.of(
                Row.unary("Losses.negativeLogLikelihood", x -> Losses.negativeLogLikelihood(x, FIVE))
                        .at(5, 7)
                        .at(5, 33)
                        .with("one row", x -> Losses.negativeLogLikelihood(x, ONE))
                        .at(1, 1)
                        .at(1, 17)
                        .with("no rows", x -> Losses.negativeLogLikelihood(x, labels()))
                        .at(0, 3)
                        .with("five rows", x -> Losses.negativeLogLikelihood(x, FIVE))
                        .refuses("negativeLogLikelihood: label 6 of row 2 does not lie in [0, 6)", s(5, 6))
                        .refuses(
                                "negativeLogLikelihood: rows [B, C] and I64 labels [B] needed, not [4, 7] and Tensor[5] I64",
                                s(4, 7)),
                Row.unary("Losses.crossEntropy", x -> Losses.crossEntropy(x, FIVE))
                        .at(5, 7)
                        .at(5, 65)
                        .domain(WIDE)
                        .at(5, 17)
                        .with("smoothing 0.1", x -> Losses.crossEntropy(x, FIVE, 0.1))
                        .at(5, 7)
                        .with("smoothing 1", x -> Losses.crossEntropy(x, FIVE, 1))
                        .at(5, 7)
                        .with("one row", x -> Losses.crossEntropy(x, ONE, 0.25))
                        .at(1, 1)
                        .at(1, 33)
                        .refuses("crossEntropy: rows [B, C] and I64 labels [B] needed, not [7] and Tensor[1] I64", s(7))
                        .with("weights by class", x -> Losses.crossEntropy(x, FIVE, weighted(x)))
                        .at(5, 7)
                        .with(
                                "weights and smoothing",
                                x -> Losses.crossEntropy(x, FIVE, weighted(x).withSmoothing(0.3)))
                        .at(5, 7)
                        .with("label 6 ignored", x -> Losses.crossEntropy(x, FIVE, CrossEntropy.PLAIN.ignoring(6)))
                        .at(5, 3)
                        .with(
                                "all of it",
                                x -> Losses.crossEntropy(
                                        x, FIVE, weighted(x).withSmoothing(0.3).ignoring(0)))
                        .at(5, 7)
                        .refuses(
                                "crossEntropy: weights [8] needed, not [7]",
                                () -> Losses.crossEntropy(
                                        Var.constant(Tensor.zeros(DType.F32, s(5, 8))),
                                        FIVE,
                                        CrossEntropy.PLAIN.withWeights(Tensor.zeros(DType.F32, s(7)))))
                        .refuses(
                                "crossEntropy: the weights of all labels are 0",
                                () -> Losses.crossEntropy(
                                        Var.constant(Tensor.zeros(DType.F32, s(5, 7))),
                                        FIVE,
                                        CrossEntropy.PLAIN.withWeights(Tensor.zeros(DType.F32, s(7)))))
                        .with("every label ignored", x -> Losses.crossEntropy(x, ONE, CrossEntropy.PLAIN.ignoring(0)))
                        .refuses("crossEntropy: all 1 labels are the ignored one, 0", s(1, 3))
                        .with(
                                "a negative weight",
                                x -> Losses.crossEntropy(
                                        x, ONE, CrossEntropy.PLAIN.withWeights(Tensor.of(new float[] {1, -1}, 2))))
                        .refuses("crossEntropy: weights are finite and not negative, not -1.0", s(1, 2))
                        .with("smoothing 1.5", x -> Losses.crossEntropy(x, ONE, 1.5))
                        .refuses("crossEntropy: smoothing must lie in [0, 1]: 1.5", s(1, 3))
                        .with("label -1", x -> Losses.crossEntropy(x, labels(-1)))
                        .refuses("crossEntropy: label -1 of row 0 does not lie in [0, 3)", s(1, 3))
                        .with("no rows", x -> Losses.crossEntropy(x, labels()))
                        .refuses("crossEntropy: no mean of an empty batch: logits [0, 3]", s(0, 3)),
                Row.binary("Losses.meanSquaredError", Losses::meanSquaredError)
                        .at(s(), s())
                        .at(s(1), s(1))
                        .at(s(33), s(33))
                        .at(s(5, 1, 7), s(5, 1, 7))
                        .refuses("meanSquaredError: shapes differ: [3] and [3, 1]", s(3), s(3, 1))
                        .refuses("meanSquaredError: no mean of an empty tensor: [0]", s(0), s(0))
                        .refusesTypes("subtract: types differ: F32 and F64", s(2), s(2)));
    }
}
