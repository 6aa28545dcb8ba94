package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.DISTINCT;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.AxisWindow;
import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.operation.PoolWindow;
import java.util.List;

/** The rows of {@link Pooling}. */
final class PoolingRows {
    private static final List<AxisWindow> RECTANGLES =
            List.of(AxisWindow.of(3, 1).padded(1), AxisWindow.of(2, 2).dilated(2));

    private PoolingRows() {}

    static List<Row> rows() {
        return List.of(
                Row.unary("Pooling.average", x -> Pooling.average(PoolWindow.tiles(2), x))
                        .at(2, 2)
                        .at(3, 5, 7)
                        .at(2, 3, 4, 33)
                        .at(0, 4, 4)
                        .with("overlapping", x -> Pooling.average(new PoolWindow(3, 2, 1), x))
                        .at(1, 1)
                        .at(2, 3, 7, 17)
                        .refuses("pooling: planes [..., H, W] needed, shape is [5]", s(5))
                        .with("rectangles", x -> Pooling.average(RECTANGLES, x))
                        .at(2, 5, 7)
                        .with(
                                "to the ceiling",
                                x -> Pooling.average(
                                        List.of(AxisWindow.of(3, 2).padded(1).ceiling()), x))
                        .at(3, 6)
                        .at(4)
                        .with("rectangles", x -> Pooling.average(RECTANGLES, x))
                        .refuses("pooling: 2 windows for shape [5]", s(5)),
                Row.unary("Pooling.max", x -> Pooling.max(PoolWindow.tiles(2), x))
                        .domain(DISTINCT)
                        .at(2, 2)
                        .at(3, 5, 7)
                        .at(0, 4, 4)
                        .with("overlapping", x -> Pooling.max(new PoolWindow(3, 2, 1), x))
                        .at(1, 1)
                        .at(2, 3, 7, 17)
                        .refuses(
                                "pooling: a window of size 3 does not fit on planes [2, 0, 5] with padding 1",
                                s(2, 0, 5))
                        .with("rectangles", x -> Pooling.max(RECTANGLES, x))
                        .at(2, 5, 7)
                        .with(
                                "to the ceiling",
                                x -> Pooling.max(
                                        List.of(AxisWindow.of(3, 2).padded(1).ceiling()), x))
                        .at(3, 6)
                        .with("rectangles", x -> Pooling.max(RECTANGLES, x))
                        .refuses(
                                "pooling: a window of size 2 with dilation 2 does not fit on an axis of 2 with padding 0",
                                s(3, 2))
                        .with(
                                "too much padding",
                                x -> Pooling.max(List.of(AxisWindow.of(3, 1).padded(2)), x))
                        .refuses("pooling: padding 2 is more than half of a window of size 3", s(7)),
                Row.unary("Pooling.globalAverage", Pooling::globalAverage)
                        .at(1, 1)
                        .at(2, 3, 5, 7)
                        .at(0, 3, 2, 2)
                        .refuses("axis -2 does not exist in shape [5]", s(5)),
                Row.unary("Pooling.upsample", x -> Pooling.upsample(x, 2))
                        .at(1, 1)
                        .at(2, 3, 5, 17)
                        .at(0, 3, 2)
                        .with("factor 3", x -> Pooling.upsample(x, 3))
                        .at(2, 7, 3)
                        .refuses("axis -2 does not exist in shape [5]", s(5)));
    }
}
