package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.LinearLayers;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.function.Unary;
import java.util.List;

/** The rows of {@link LinearLayers}. */
final class LinearLayerRows {
    private LinearLayerRows() {}

    static List<Row> rows() {
        return List.of(activated(), gated());
    }

    private static Row activated() {
        Row row = Row.ternary("LinearLayers.activated", (x, w, b) -> LinearLayers.activated(x, w, b, Unary.GELU));
        for (Unary f : new Unary[] {Unary.GELU, Unary.EXACT_GELU, Unary.SILU}) {
            row.withInputs(f.toString(), v -> LinearLayers.activated(v.get(0), v.get(1), v.get(2), f))
                    .at(s(7), s(3, 7), s(3))
                    .at(s(1, 1), s(1, 1), s(1))
                    .at(s(2, 3, 17), s(33, 17), s(33))
                    .at(s(65, 31), s(15, 31), s(15))
                    .at(s(0, 7), s(3, 7), s(3))
                    .at(s(2, 0), s(3, 0), s(3))
                    .at(s(2, 3), s(0, 3), s(0));
        }
        return row.refuses("linear: shapes do not fit: input [2, 3], weight [4, 5], bias [4]", s(2, 3), s(4, 5), s(4))
                .refusesTypes("linear: types differ: F32 and F64", s(2, 3), s(4, 3), s(4));
    }

    private static Row gated() {
        return Row.of("LinearLayers.gated", v -> LinearLayers.gated(v.get(0), v.get(1), v.get(2), v.get(3), v.get(4)))
                .at(s(1, 1, 1), s(1, 1), s(1), s(1, 1, 1), s(1, 1, 1))
                .at(s(2, 3, 7), s(5, 7), s(5), s(2, 1, 5), s(2, 3, 5))
                .at(s(3, 17, 5), s(33, 5), s(33), s(3, 1, 33), s(3, 17, 33))
                .at(s(1, 65, 4), s(3, 4), s(3), s(1, 1, 3), s(1, 65, 3))
                .at(s(0, 3, 7), s(5, 7), s(5), s(0, 1, 5), s(0, 3, 5))
                .at(s(2, 0, 7), s(5, 7), s(5), s(2, 1, 5), s(2, 0, 5))
                .at(s(2, 3, 0), s(5, 0), s(5), s(2, 1, 5), s(2, 3, 5))
                .refuses(
                        "gatedLinear: x [B, T, in] and gate [B, 1, out] needed: [2, 3, 7] and [3, 1, 5]",
                        s(2, 3, 7),
                        s(5, 7),
                        s(5),
                        s(3, 1, 5),
                        s(2, 3, 5))
                .refuses(
                        "linear: residual [2, 3, 4] for a result [2, 3, 5]",
                        s(2, 3, 7),
                        s(5, 7),
                        s(5),
                        s(2, 1, 5),
                        s(2, 3, 4));
    }
}
