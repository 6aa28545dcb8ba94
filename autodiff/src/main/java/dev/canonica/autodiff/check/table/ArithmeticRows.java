package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.HALVES;
import static dev.canonica.autodiff.check.Domain.NONZERO;
import static dev.canonica.autodiff.check.Domain.NORMAL;
import static dev.canonica.autodiff.check.Domain.QUARTERS;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.check.Row;
import java.util.List;

/** The rows of {@link Arithmetic}. */
final class ArithmeticRows {
    private ArithmeticRows() {}

    static List<Row> rows() {
        return List.of(
                Row.binary("Arithmetic.add", Arithmetic::add)
                        .atAll(Shapes.PAIRS)
                        .refuses("add: shapes do not broadcast: [2, 3] and [2]", s(2, 3), s(2))
                        .refusesTypes("add: types differ: F32 and F64", s(2), s(2)),
                Row.binary("Arithmetic.subtract", Arithmetic::subtract)
                        .atAll(Shapes.PAIRS)
                        .refuses("subtract: shapes do not broadcast: [2, 3] and [2]", s(2, 3), s(2))
                        .refusesTypes("subtract: types differ: F32 and F64", s(2), s(2)),
                Row.binary("Arithmetic.multiply", Arithmetic::multiply)
                        .atAll(Shapes.PAIRS)
                        .refuses("multiply: shapes do not broadcast: [7] and [8]", s(7), s(8))
                        .refusesTypes("multiply: types differ: F32 and F64", s(2), s(2)),
                Row.binary("Arithmetic.divide", Arithmetic::divide)
                        .domain(NORMAL, NONZERO)
                        .atAll(Shapes.PAIRS)
                        .refuses("divide: shapes do not broadcast: [7] and [0]", s(7), s(0))
                        .refusesTypes("divide: types differ: F32 and F64", s(2), s(2)),
                Row.binary("Arithmetic.max", Arithmetic::max)
                        .domain(HALVES, QUARTERS)
                        .atAll(Shapes.PAIRS)
                        .refuses("max: shapes do not broadcast: [1, 2] and [3, 3]", s(1, 2), s(3, 3))
                        .refusesTypes("max: types differ: F32 and F64", s(2), s(2)),
                Row.binary("Arithmetic.min", Arithmetic::min)
                        .domain(HALVES, QUARTERS)
                        .atAll(Shapes.PAIRS)
                        .refuses("min: shapes do not broadcast: [1, 2] and [3, 3]", s(1, 2), s(3, 3))
                        .refusesTypes("min: types differ: F32 and F64", s(2), s(2)),
                Row.unary("Arithmetic.scale", x -> Arithmetic.scale(x, -1.75)).atAll(Shapes.ELEMENTWISE),
                Row.unary("Arithmetic.shift", x -> Arithmetic.shift(x, 0.375)).atAll(Shapes.ELEMENTWISE),
                Row.ternary("Arithmetic.multiplyAdd", Arithmetic::multiplyAdd)
                        .atAll(Shapes.TRIPLES)
                        .refuses("multiply_add: shapes do not broadcast: [2] and [3]", s(5), s(2), s(3))
                        .refusesTypes("multiply_add: types differ: F32 and F64", s(2), s(2), s(2)),
                Row.ternary("Arithmetic.modulate", Arithmetic::modulate)
                        .atAll(Shapes.TRIPLES)
                        .refuses("modulate: shapes do not broadcast: [5] and [3]", s(5), s(3), s(3))
                        .refusesTypes("modulate: types differ: F32 and F64", s(2), s(2), s(2)));
    }
}
