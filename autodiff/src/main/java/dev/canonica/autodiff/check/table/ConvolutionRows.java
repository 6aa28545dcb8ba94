package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.HALVES;
import static dev.canonica.autodiff.check.Domain.QUARTERS;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.operation.Convolution;
import java.util.List;
import java.util.function.Function;

/** The rows of {@link Convolutions}. */
final class ConvolutionRows {
    private ConvolutionRows() {}

    private static Function<List<Var>, Var> plain(Convolution c) {
        return v -> Convolutions.convolution(c, v.get(0), v.get(1));
    }

    private static Function<List<Var>, Var> biased(Convolution c) {
        return v -> Convolutions.convolution(c, v.get(0), v.get(1), v.get(2));
    }

    /** With twice the first input, so that in the domains below what is rectified is a multiple of 1/2 and 1/4 more: away from the kink. */
    private static Function<List<Var>, Var> rectified(Convolution c) {
        return v -> Convolutions.rectified(c, v.get(0).times(2), v.get(1), v.get(2));
    }

    private static Function<List<Var>, Var> rectifiedSum(Convolution c) {
        return v -> Convolutions.rectified(c, v.get(0).times(2), v.get(1), v.get(2), v.get(3));
    }

    static List<Row> rows() {
        return List.of(
                Row.of("Convolutions.rectified", rectified(Convolution.same(3)))
                        .domain(HALVES, HALVES, QUARTERS, HALVES)
                        .at(s(2, 3, 5, 4), s(7, 3, 3, 3), s(7))
                        .at(s(1, 3, 1, 5), s(3, 3, 3, 3), s(3))
                        .at(s(0, 2, 3, 4), s(3, 2, 3, 3), s(3))
                        .withInputs("stride 2", rectified(Convolution.of(2, 1)))
                        .at(s(2, 3, 7, 6), s(4, 3, 3, 3), s(4))
                        .withInputs("residual", rectifiedSum(Convolution.same(3)))
                        .at(s(2, 3, 5, 4), s(7, 3, 3, 3), s(7), s(2, 7, 5, 4))
                        .withInputs("residual, 1×1", rectifiedSum(Convolution.of(1, 0)))
                        .at(s(1, 5, 3, 7), s(2, 5, 1, 1), s(2), s(1, 2, 3, 7))
                        .refuses(
                                "convolution: residual [1, 2, 3, 3], needed [1, 2, 3, 7]",
                                s(1, 5, 3, 7),
                                s(2, 5, 1, 1),
                                s(2),
                                s(1, 2, 3, 3)),
                Row.of("Convolutions.convolution", plain(Convolution.same(3)))
                        .at(s(1, 1, 1, 1), s(1, 1, 3, 3))
                        .at(s(2, 3, 7, 5), s(4, 3, 3, 3))
                        .at(s(1, 2, 3, 17), s(15, 2, 3, 3))
                        .at(s(0, 2, 3, 4), s(3, 2, 3, 3))
                        .at(s(1, 2, 3, 4), s(0, 2, 3, 3))
                        .withInputs("1×1", plain(Convolution.of(1, 0)))
                        .at(s(2, 7, 3, 5), s(5, 7, 1, 1))
                        .withInputs("stride 2", plain(Convolution.of(2, 1)))
                        .at(s(2, 3, 7, 6), s(4, 3, 3, 3))
                        .at(s(1, 2, 1, 9), s(3, 2, 1, 3))
                        .withInputs("uneven padding, dilation 2", plain(new Convolution(1, 0, 3, 2, 1, 2, 1)))
                        .at(s(2, 3, 5, 7), s(2, 3, 3, 2))
                        .withInputs("3 groups, stride 3", plain(new Convolution(3, 1, 1, 1, 1, 1, 3)))
                        .at(s(2, 6, 7, 5), s(9, 2, 3, 3))
                        .withInputs("bias", biased(Convolution.same(3)))
                        .at(s(2, 3, 5, 4), s(7, 3, 3, 3), s(7))
                        .at(s(1, 0, 3, 2), s(2, 0, 3, 3), s(2))
                        .withInputs("bias, stride 2", biased(Convolution.of(2, 0)))
                        .at(s(5, 5, 5, 5), s(5, 5, 3, 3), s(5))
                        .withInputs("", plain(Convolution.same(3)))
                        .refuses(
                                "convolution: filters [4, 3, 3, 3] take 3 channels, images [1, 2, 5, 5] have 2",
                                s(1, 2, 5, 5),
                                s(4, 3, 3, 3))
                        .refuses(
                                "convolution: filters [4, 2, 7, 3] do not fit on images [1, 2, 4, 4] with padding 1",
                                s(1, 2, 4, 4),
                                s(4, 2, 7, 3))
                        .refusesTypes("convolution: types differ: F32 and F64", s(1, 2, 5, 5), s(4, 2, 3, 3)));
    }
}
