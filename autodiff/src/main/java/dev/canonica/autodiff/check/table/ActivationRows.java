package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.NONZERO;
import static dev.canonica.autodiff.check.Domain.POSITIVE;
import static dev.canonica.autodiff.check.Domain.WIDE;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** The rows of {@link Activations}; those that saturate are sampled far out, too. */
final class ActivationRows {
    private ActivationRows() {}

    static List<Row> rows() {
        return List.of(
                row("exp", Activations::exp),
                Row.unary("Activations.expm1", Activations::expm1)
                        .atAll(Shapes.ELEMENTWISE)
                        .domain(WIDE)
                        .at(65)
                        .refuses(
                                "expm1: F32 or F64 needed, not I64",
                                () -> Activations.expm1(Var.constant(Tensor.of(new long[] {1, 2}, 2)))),
                Row.unary("Activations.log", Activations::log).domain(POSITIVE).atAll(Shapes.ELEMENTWISE),
                Row.unary("Activations.sqrt", Activations::sqrt)
                        .domain(POSITIVE)
                        .atAll(Shapes.ELEMENTWISE),
                row("square", Activations::square),
                Row.unary("Activations.reciprocal", Activations::reciprocal)
                        .domain(NONZERO)
                        .atAll(Shapes.ELEMENTWISE),
                Row.unary("Activations.abs", Activations::abs).domain(NONZERO).atAll(Shapes.ELEMENTWISE),
                row("sin", Activations::sin).domain(WIDE).at(65),
                row("cos", Activations::cos).domain(WIDE).at(65),
                row("tanh", Activations::tanh).domain(WIDE).at(65),
                row("sigmoid", Activations::sigmoid).domain(WIDE).at(65),
                Row.unary("Activations.relu", Activations::relu).domain(NONZERO).atAll(Shapes.ELEMENTWISE),
                row("silu", Activations::silu).domain(WIDE).at(65),
                row("gelu", Activations::gelu).domain(WIDE).at(65),
                row("exactGelu", Activations::exactGelu).domain(WIDE).at(65),
                Row.unary("Activations.erf", Activations::erf)
                        .atAll(Shapes.ELEMENTWISE)
                        .domain(WIDE)
                        .at(65)
                        .refuses(
                                "erf: F32 or F64 needed, not I64",
                                () -> Activations.erf(Var.constant(Tensor.of(new long[] {1, 2}, 2)))));
    }

    private static Row row(String name, UnaryOperator<Var> f) {
        return Row.unary("Activations." + name, f)
                .atAll(Shapes.ELEMENTWISE)
                .refuses(
                        "no arithmetic on I64: convert to F32 or F64 first",
                        () -> f.apply(Var.constant(Tensor.of(new long[] {1, 2}, 2))));
    }
}
