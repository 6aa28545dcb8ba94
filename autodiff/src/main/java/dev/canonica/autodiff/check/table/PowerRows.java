package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.NONZERO;
import static dev.canonica.autodiff.check.Domain.NORMAL;
import static dev.canonica.autodiff.check.Domain.POSITIVE;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Powers;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.Tensor;
import java.util.List;

/** The rows of {@link Powers}: constant powers, and powers of two variables. */
final class PowerRows {
    private PowerRows() {}

    private static Var wholePowers(Var x) {
        return Var.constant(
                Tensor.of(new double[] {3, -2, 0, 1, 2, -1, 5}, 7).to(x.value().dtype()));
    }

    static List<Row> rows() {
        return List.of(Row.unary("Powers.pow", x -> Powers.pow(x, 3))
                .at(s())
                .at(7)
                .at(5, 13)
                .at(0)
                .with("p = 0", x -> Powers.pow(x, 0))
                .at(7)
                .with("p = -2", x -> Powers.pow(x, -2))
                .domain(NONZERO)
                .at(7)
                .with("p = 2.5", x -> Powers.pow(x, 2.5))
                .domain(POSITIVE)
                .at(17)
                .with("p = 1/2", x -> Powers.pow(x, 0.5))
                .at(17)
                .withInputs("two variables", v -> Powers.pow(v.get(0), v.get(1)))
                .domain(POSITIVE, NORMAL)
                .at(s(7), s(7))
                .at(s(3, 1), s(5))
                .at(s(), s(2, 3))
                .at(s(0), s(1))
                .refuses("pow: shapes do not broadcast: [2] and [3]", s(2), s(3))
                .refusesTypes("pow: types differ: F32 and F64", s(2), s(2))
                .with("negative numbers too, to whole powers", x -> Powers.pow(x, wholePowers(x)))
                .domain(NONZERO)
                .at(7)
                .at(3, 7));
    }
}
