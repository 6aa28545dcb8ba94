package dev.canonica.autodiff.check.table;

import static dev.canonica.autodiff.check.Domain.HALVES;
import static dev.canonica.autodiff.check.table.Shapes.s;

import dev.canonica.autodiff.PixelConvolutions;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.check.Row;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** The rows of {@link PixelConvolutions}, whose filters and biases are fixed: halves, and halves and a quarter, so that with inputs of whole numbers nothing is at the kink. */
final class PixelConvolutionRows {
    private PixelConvolutionRows() {}

    private static Tensor filters(Var like, int... shape) {
        double[] w = new double[(int) Shape.of(shape).size()];
        Arrays.setAll(w, i -> (i * 7 % 5 - 2) / 2.0);
        return fixed(like, w, shape);
    }

    private static Tensor bias(Var like, int outputs) {
        double[] b = new double[outputs];
        Arrays.setAll(b, i -> i % 3 / 2.0 - 0.25);
        return fixed(like, b, outputs);
    }

    private static Tensor fixed(Var like, double[] values, int... shape) {
        return Tensor.of(values, shape)
                .to(DType.F64)
                .to(like.value().dtype())
                .to(like.value().device());
    }

    private static Function<List<Var>, Var> plain(Convolution c, boolean planes, int outputs, int kernel) {
        return v -> {
            Var x = v.getFirst();
            return PixelConvolutions.convolution(
                    c, x, planes, filters(x, outputs, x.dim(planes ? 1 : 3), kernel, kernel), bias(x, outputs));
        };
    }

    private static Function<List<Var>, Var> rectified(Convolution c, boolean planes, int outputs, int kernel) {
        return v -> {
            Var x = v.getFirst().times(2);
            Tensor w = filters(x, outputs, x.dim(planes ? 1 : 3), kernel, kernel);
            return v.size() == 1
                    ? PixelConvolutions.rectified(c, x, planes, w, bias(x, outputs))
                    : PixelConvolutions.rectified(c, x, planes, w, bias(x, outputs), v.get(1));
        };
    }

    static List<Row> rows() {
        return List.of(
                Row.of("PixelConvolutions.convolution", plain(Convolution.same(3), false, 4, 3))
                        .at(s(2, 7, 5, 3))
                        .at(s(0, 3, 4, 2))
                        .withInputs("stride 2", plain(Convolution.of(2, 1), false, 3, 3))
                        .at(s(2, 7, 6, 3))
                        .withInputs("1×1", plain(Convolution.of(1, 0), false, 5, 1))
                        .at(s(2, 3, 5, 7))
                        .withInputs("planes, stride 2", plain(Convolution.of(2, 3), true, 3, 7))
                        .at(s(1, 2, 9, 8))
                        .refuses(
                                "convolution: filters [3, 2, 7, 7] do not fit on images [1, 2, 0, 8] with padding 3",
                                s(1, 2, 0, 8)),
                Row.of("PixelConvolutions.rectified", rectified(Convolution.same(3), false, 7, 3))
                        .domain(HALVES, HALVES)
                        .at(s(2, 5, 4, 3))
                        .at(s(0, 3, 4, 2))
                        .withInputs("stride 2", rectified(Convolution.of(2, 1), true, 4, 3))
                        .at(s(2, 3, 7, 6))
                        .withInputs("residual", rectified(Convolution.same(3), false, 7, 3))
                        .at(s(2, 5, 4, 3), s(2, 5, 4, 7))
                        .withInputs("residual, 1×1", rectified(Convolution.of(1, 0), false, 2, 1))
                        .at(s(1, 3, 7, 5), s(1, 3, 7, 2))
                        .refuses(
                                "convolution: residual [1, 3, 7, 3], needed [1, 3, 7, 2]",
                                s(1, 3, 7, 5),
                                s(1, 3, 7, 3)));
    }
}
