package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.AxisWindow;
import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.SpatialConvolutions;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.operation.Convolution;
import java.util.List;
import java.util.function.Function;

/** The rows of {@link SpatialConvolutions}, and that of the transposed convolution. */
final class SpatialConvolutionRows {
    private SpatialConvolutionRows() {}

    private static Function<List<Var>, Var> transposed(Convolution c, int extra) {
        return v -> Convolutions.transposed(c, v.get(0), v.get(1), extra);
    }

    private static Function<List<Var>, Var> spatial(int groups, AxisWindow... axes) {
        return v -> SpatialConvolutions.convolution(List.of(axes), groups, v.get(0), v.get(1));
    }

    static List<Row> rows() {
        return List.of(
                Row.of("Convolutions.transposed", transposed(Convolution.of(1, 1), 0))
                        .at(s(1, 1, 1, 1), s(1, 1, 3, 3))
                        .at(s(2, 3, 4, 5), s(3, 2, 3, 3))
                        .withInputs("stride 2", transposed(Convolution.of(2, 1), 1))
                        .at(s(2, 3, 4, 5), s(3, 2, 3, 3))
                        .withInputs("uneven, dilation 2, 2 groups", transposed(new Convolution(3, 0, 1, 2, 0, 2, 2), 0))
                        .at(s(1, 4, 3, 2), s(4, 3, 2, 3))
                        .refuses(
                                "transposed: x [B, I, H, W], filters [I, O/groups, kh, kw] and extra in [0, 3) needed, not"
                                        + " [1, 3, 2, 2], [4, 3, 2, 3] and 0",
                                s(1, 3, 2, 2),
                                s(4, 3, 2, 3))
                        .withInputs("nothing left", transposed(Convolution.of(1, 2), 0))
                        .refuses(
                                "transposed: images -1 x -1 of x [1, 1, 1, 1] and filters [1, 1, 3, 3] are none",
                                s(1, 1, 1, 1),
                                s(1, 1, 3, 3)),
                Row.of(
                                "SpatialConvolutions.convolution",
                                spatial(1, AxisWindow.of(3, 2).padded(1)))
                        .at(s(1, 1, 1), s(1, 1, 3))
                        .at(s(2, 3, 7), s(4, 3, 3))
                        .withInputs(
                                "unequal",
                                spatial(
                                        2,
                                        AxisWindow.of(2, 3).dilated(2),
                                        AxisWindow.of(3, 1).padded(1)))
                        .at(s(2, 4, 6, 3), s(6, 2, 2, 3))
                        .withInputs(
                                "volumes",
                                spatial(
                                        1,
                                        AxisWindow.of(2, 1),
                                        AxisWindow.of(1, 2),
                                        AxisWindow.of(3, 1).padded(2)))
                        .at(s(2, 2, 3, 4, 3), s(3, 2, 2, 1, 3))
                        .at(s(0, 2, 3, 4, 3), s(3, 2, 2, 1, 3))
                        .refuses(
                                "convolution: x [B, C, …] and filters [O, C/groups, …] of 3 axes, as large as their windows,"
                                        + " needed in 1 groups, not [2, 2, 3, 4, 3] and [3, 2, 2, 2, 3]",
                                s(2, 2, 3, 4, 3),
                                s(3, 2, 2, 2, 3))
                        .refuses(
                                "convolution: a window of size 2 does not fit on an axis of 1 with padding 0",
                                s(2, 2, 1, 4, 3),
                                s(3, 2, 2, 1, 3)));
    }
}
