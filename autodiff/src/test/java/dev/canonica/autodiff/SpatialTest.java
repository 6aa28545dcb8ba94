package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values of PyTorch's double precision on x[i] = 7 i mod 11 − 5. */
class SpatialTest {
    private static Var x(int... dims) {
        double[] v = new double[Math.toIntExact(Shape.of(dims).size())];
        for (int i = 0; i < v.length; i++) {
            v[i] = 7 * i % 11 - 5;
        }
        return Var.constant(Tensor.of(v, dims));
    }

    private static void holds(Var y, Shape shape, double... values) {
        assertThat(y.shape()).isEqualTo(shape);
        assertThat(y.value().toDoubles()).containsExactly(values, within(1e-11));
    }

    @Test
    void resizes() {
        Var x = x(3, 4);
        Shape wide = Shape.of(2, 6);
        holds(
                Resampling.bilinear(x, 2, 6, false),
                wide,
                -3.5,
                -1.375,
                0.541666666667,
                -0.291666666667,
                1.625,
                3.75,
                -2.75,
                -0.625,
                1.291666666667,
                0.458333333333,
                -1.75,
                -3.75);
        holds(Resampling.bilinear(x, 2, 6, true), wide, -5, -0.8, 1.2, -1.2, 0.8, 5, -4, 0.2, 2.2, -0.2, -2.6, -5);
        holds(
                Resampling.bicubic(x, 2, 5, false),
                Shape.of(2, 5),
                -3.715200195313,
                -0.369934570312,
                0.059448242188,
                0.669235351563,
                4.316818359375,
                -2.906606445313,
                0.438659179688,
                1.701904296875,
                -1.003745117187,
                -4.309461914063);
        holds(
                Resampling.bicubic(x, 2, 5, true),
                Shape.of(2, 5),
                -5,
                0.8359375,
                0,
                -0.8359375,
                5,
                -4,
                1.8359375,
                2.03125,
                -2.328125,
                -5);
    }

    @Test
    void transposedConvolution() {
        holds(
                Convolutions.transposed(Convolution.of(2, 1), x(1, 2, 2, 2), x(2, 2, 2, 2), 1),
                Shape.of(1, 2, 3, 3),
                -30,
                -1,
                25,
                8,
                -25,
                10,
                -30,
                -10,
                25,
                1,
                -7,
                -3,
                -2,
                5,
                -15,
                4,
                20,
                0);
    }

    @Test
    void convolutionsOfSeveralAxes() {
        holds(
                SpatialConvolutions.convolution(
                        List.of(
                                AxisWindow.of(2, 1),
                                AxisWindow.of(1, 2),
                                AxisWindow.of(2, 1).padded(1)),
                        1,
                        x(1, 2, 2, 3, 2),
                        x(2, 2, 2, 1, 2)),
                Shape.of(1, 2, 1, 2, 3),
                4,
                29,
                -28,
                6,
                -69,
                37,
                -39,
                26,
                -32,
                9,
                -24,
                35);
        holds(
                SpatialConvolutions.convolution(
                        List.of(AxisWindow.of(2, 2).dilated(2).padded(1), AxisWindow.of(3, 1)),
                        1,
                        x(1, 1, 4, 6),
                        x(1, 1, 2, 3)),
                Shape.of(1, 1, 2, 4),
                32,
                -13,
                -14,
                29,
                -25,
                -28,
                57,
                -23);
        Var images = x(2, 4, 5, 7);
        Var filters = x(6, 2, 3, 3);
        holds(
                SpatialConvolutions.convolution(
                        List.of(
                                AxisWindow.of(3, 2).padded(1),
                                AxisWindow.of(3, 2).padded(1)),
                        2,
                        images,
                        filters),
                Shape.of(2, 6, 3, 4),
                Convolutions.convolution(new Convolution(2, 1, 1, 1, 1, 1, 2), images, filters)
                        .value()
                        .toDoubles());
    }

    @Test
    void poolingByRectanglesAndToTheCeiling() {
        List<AxisWindow> rectangle =
                List.of(AxisWindow.of(3, 1).padded(1), AxisWindow.of(2, 2).dilated(2));
        holds(Pooling.max(rectangle, x(4, 6)), Shape.of(4, 2), 4, 1, 5, 5, 5, 5, 5, 5);
        List<AxisWindow> ceiling = List.of(AxisWindow.of(3, 2).padded(1).ceiling());
        holds(Pooling.max(ceiling, x(1, 6)), Shape.of(1, 4), 2, 5, 5, -3);
        holds(Pooling.average(ceiling, x(1, 6)), Shape.of(1, 4), -1, 1.666666666667, 1, -1.5);
    }

    @Test
    void windowsRefuseWhatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AxisWindow.of(0, 1))
                .withMessage("window: size 0, stride 1 and dilation 1 must be positive, padding 0 not negative");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SpatialConvolutions.convolution(
                        List.of(AxisWindow.of(2, 2).ceiling()), 1, x(1, 2, 5), x(1, 2, 2)))
                .withMessage("convolution: windows that reach beyond the padding (ceiling) are for pooling; pad by more"
                        + " entries instead");
    }
}
