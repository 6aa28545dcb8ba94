package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Resampling;
import dev.canonica.autodiff.check.Row;
import java.util.List;

/** The rows of {@link Resampling}. */
final class ResamplingRows {
    private ResamplingRows() {}

    static List<Row> rows() {
        return List.of(
                Row.unary("Resampling.bilinear", x -> Resampling.bilinear(x, 5, 3, false))
                        .at(1, 1)
                        .at(3, 7)
                        .at(2, 1, 4, 2)
                        .at(0, 3, 3)
                        .with("corners", x -> Resampling.bilinear(x, 1, 7, true))
                        .at(3, 4)
                        .refuses("bilinear: planes [..., H, W] needed, shape is [5]", s(5))
                        .refuses("bilinear: planes [..., H, W] needed, shape is [5, 0]", s(5, 0))
                        .with("no rows", x -> Resampling.bilinear(x, 0, 7, true))
                        .refuses("bilinear: size 0 x 7 is not positive", s(3, 3)),
                Row.unary("Resampling.bicubic", x -> Resampling.bicubic(x, 5, 3, false))
                        .at(1, 1)
                        .at(3, 7)
                        .at(2, 1, 4, 2)
                        .with("corners", x -> Resampling.bicubic(x, 4, 7, true))
                        .at(3, 4)
                        .with("no columns", x -> Resampling.bicubic(x, 2, -1, true))
                        .refuses("bicubic: size 2 x -1 is not positive", s(3, 3)));
    }
}
