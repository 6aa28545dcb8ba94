package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.PoolWindow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolingTest {
    private static final Tensor PLANE = Tensor.of(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3);

    @Test
    void averageCountsPaddingAsZeros() {
        Var y = Pooling.average(new PoolWindow(2, 2, 1), Var.constant(PLANE));
        assertThat(y.value().times(4).toDoubles()).containsExactly(1, 5, 11, 28);
    }

    @Test
    void maxTakesTheGreatestOfEachWindow() {
        Var y = Pooling.max(new PoolWindow(3, 2, 1), Var.constant(PLANE));
        assertThat(y.value().toDoubles()).containsExactly(5, 6, 8, 9);
    }

    /** Of several greatest elements the first has the derivative to itself. */
    @Test
    void tiesGoToTheFirst() {
        Tensor x = Tensor.full(DType.F64, Shape.of(2, 2), 1);
        Linearization l = Autodiff.linearize(v -> Pooling.max(PoolWindow.tiles(2), v), x);
        assertThat(l.pull(Tensor.full(DType.F64, Shape.of(1, 1, 1), 3))[0].toDoubles())
                .containsExactly(3, 0, 0, 0);
    }

    /** It counts as greater than any number. */
    @Test
    void theFirstNaNHasTheDerivative() {
        Tensor x = Tensor.of(new double[] {1, Double.NaN, 9, Double.NaN}, 2, 2);
        Linearization l = Autodiff.linearize(v -> Pooling.max(PoolWindow.tiles(2), v), x);
        assertThat(l.value().item()).isNaN();
        assertThat(l.pull(Tensor.full(DType.F64, Shape.of(1, 1, 1), 3))[0].toDoubles())
                .containsExactly(0, 3, 0, 0);
    }

    /** Along an axis ties share the derivative; where one is NaN, that of all is, both ways. */
    @Test
    void tiesOfAnAxisShare() {
        Tensor x = Tensor.of(new double[] {1, 4, 4, 0, 1, 2, Double.NaN, 0}, 2, 4);
        Linearization l = Autodiff.linearize(Reductions::max, x);
        assertThat(l.value().toDoubles()).containsExactly(4, Double.NaN);
        assertThat(l.pull(Tensor.full(DType.F64, Shape.of(1, 2), 4))[0].toDoubles())
                .containsExactly(0, 2, 2, 0, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        assertThat(l.push(Tensor.full(DType.F64, Shape.of(1, 2, 4), 3)).toDoubles())
                .containsExactly(3, Double.NaN);
        double inf = Double.POSITIVE_INFINITY;
        Tensor ends = Tensor.of(new double[] {inf, 0, inf, -inf, -inf, -inf}, 2, 3);
        assertThat(Autodiff.linearize(Reductions::max, ends)
                        .pull(Tensor.full(DType.F64, Shape.of(1, 2), 6))[0]
                        .toDoubles())
                .containsExactly(3, 0, 3, 2, 2, 2);
        assertThat(Autodiff.linearize(t -> Reductions.min(t, 1), x)
                        .pull(Tensor.full(DType.F64, Shape.of(1, 2), 4))[0]
                        .toDoubles())
                .containsExactly(0, 0, 0, 4, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }

    @Test
    void globalAverageIsTheMeanOfEachPlane() {
        Tensor y = Pooling.globalAverage(Var.constant(Tensor.concatenate(0, PLANE, PLANE.times(2))))
                .value();
        assertThat(y.shape()).isEqualTo(Shape.of(2));
        assertThat(y.toDoubles()).containsExactly(new double[] {5, 10}, within(1e-14));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void upsamplingRepeatsEachElement(int factor) {
        Tensor x = Tensor.normal(DType.F64, Shape.of(2, 3, 2, 5), new Philox(1));
        double[] from = x.toDoubles();
        Tensor up = Pooling.upsample(Var.constant(x), factor).value();
        assertThat(up.shape()).isEqualTo(Shape.of(2, 3, 2 * factor, 5 * factor));
        double[] y = up.toDoubles();
        for (int i = 0; i < y.length; i++) {
            int column = i % (5 * factor) / factor;
            int row = i / (5 * factor) % (2 * factor) / factor;
            int plane = i / (10 * factor * factor);
            assertThat(y[i]).isEqualTo(from[(plane * 2 + row) * 5 + column]);
        }
    }

    @Test
    void upsamplingByNothingIsRefused() {
        assertThatThrownBy(() -> Pooling.upsample(Var.constant(PLANE), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("upsample: factor 0 is not positive");
    }
}
