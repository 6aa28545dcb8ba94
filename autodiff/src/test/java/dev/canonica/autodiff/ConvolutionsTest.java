package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.Convolution;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.PoolWindow;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConvolutionsTest {
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 1, 1, 1, 1, 1, 1, 0",
        "2, 3, 5, 4, 4, 3, 3, 1, 1, 1",
        "2, 3, 7, 5, 2, 3, 2, 2, 1, 1",
        "1, 4, 6, 7, 6, 3, 3, 2, 2, 1",
        "2, 2, 4, 4, 3, 1, 1, 1, 1, 0"
    })
    void convolution(int b, int c, int height, int width, int o, int kh, int kw, int stride, int groups, int padding) {
        Convolution conv = new Convolution(stride, padding, 0, padding, padding, 1, groups);
        Tensor x = normal(0, b, c, height, width);
        Tensor w = normal(1, o, c / groups, kh, kw);
        check(v -> Convolutions.convolution(conv, v.get(0), v.get(1)), x, w);
        check(v -> Convolutions.convolution(conv, v.get(0), v.get(1), v.get(2)), x, w, normal(2, o));
    }

    /** An input that is constant has no tangent. */
    @Test
    void convolutionByOneInputAlone() {
        Convolution conv = Convolution.same(3);
        Var w = Var.constant(normal(1, 2, 3, 3, 3));
        Var x = Var.constant(normal(0, 2, 3, 4, 5));
        check(v -> Convolutions.convolution(conv, v.get(0), w), x.value());
        check(v -> Convolutions.convolution(conv, x, v.get(0)), w.value());
        check(v -> Convolutions.convolution(conv, x, w, v.get(0)), normal(2, 2));
    }

    @ParameterizedTest
    @CsvSource({"2, 2, 0, 4, 6", "3, 2, 1, 7, 5", "2, 3, 1, 5, 5", "1, 1, 0, 1, 1"})
    void pooling(int size, int stride, int padding, int height, int width) {
        PoolWindow window = new PoolWindow(size, stride, padding);
        Tensor x = normal(0, 2, 3, height, width);
        check(v -> Pooling.average(window, v.get(0)), x);
        check(v -> Pooling.max(window, v.get(0)), x);
    }

    @Test
    void globalAverageIsTheMeanOfPlanes() {
        Tensor x = normal(0, 2, 3, 5, 7);
        Var y = Pooling.globalAverage(Var.constant(x));
        assertThat(y.value().shape()).isEqualTo(Shape.of(2, 3));
        assertThat(y.value().times(35).sumAll().item()).isEqualTo(x.sumAll().item(), within(1e-12));
        check(v -> Pooling.globalAverage(v.get(0)), x);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void upsampling(int factor) {
        Tensor x = normal(0, 2, 3, 2, 5);
        double[] from = x.toDoubles();
        double[] y = Pooling.upsample(Var.constant(x), factor).value().toDoubles();
        for (int i = 0; i < y.length; i++) {
            int column = i % (5 * factor) / factor;
            int row = i / (5 * factor) % (2 * factor) / factor;
            int plane = i / (10 * factor * factor);
            assertThat(y[i]).isEqualTo(from[(plane * 2 + row) * 5 + column]);
        }
        check(v -> Pooling.upsample(v.get(0), factor), x);
    }

    @Test
    void groupNormHasMeanZeroAndVarianceOneInEachGroup() {
        Tensor x = normal(0, 2, 6, 3, 5).affine(3, 2);
        Tensor y = groupNorm(x, 3, Tensor.full(DType.F64, Shape.of(6), 1), Tensor.zeros(DType.F64, Shape.of(6)));
        Tensor groups = y.reshape(6, 30);
        assertThat(groups.sum(1).toDoubles()).containsExactly(new double[6], within(1e-12));
        assertThat(groups.times(groups).sum(1).toDoubles())
                .containsOnly(new double[] {30, 30, 30, 30, 30, 30}, within(1e-3));
    }

    private static Tensor groupNorm(Tensor x, int groups, Tensor scale, Tensor shift) {
        Var y = Normalisation.groupNorm(Var.constant(x), groups, Var.constant(scale), Var.constant(shift), 1e-5);
        return y.value();
    }

    @Test
    void groupNorm() {
        check(
                v -> Normalisation.groupNorm(v.get(0), 2, v.get(1), v.get(2), 1e-5),
                normal(0, 2, 4, 3, 2),
                normal(1, 4),
                normal(2, 4));
    }

    @Test
    void errorsSayWhatDoesNotFit() {
        Var x = Var.constant(normal(0, 2, 4, 3, 2));
        Var four = Var.constant(normal(0, 4));
        Var three = Var.constant(normal(0, 3));
        assertThatThrownBy(() -> Normalisation.groupNorm(x, 3, four, four, 1e-5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "groupNorm: 3 groups of the channels of [2, 4, 3, 2]: needed [B, C, ...] with C a multiple of"
                                + " the groups");
        assertThatThrownBy(() -> Normalisation.groupNorm(x, 2, four, three, 1e-5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("groupNorm: scale [4] and shift [3] for [2, 4, 3, 2], needed [4]");
    }

    /**
     * push against central differences, ⟨u, push v⟩ = ⟨pull u, v⟩, and a block against its directions one by one.
     */
    private static void check(Function<List<Var>, Var> f, Tensor... x) {
        Linearization l = Autodiff.linearize(f, List.of(x));
        int directions = 3;
        Tensor[] v = new Tensor[x.length];
        for (int i = 0; i < x.length; i++) {
            v[i] = Tensor.normal(DType.F64, x[i].shape().prepend(directions), new Philox(2, i));
        }
        Tensor push = l.push(v);
        assertThat(push.shape()).isEqualTo(l.value().shape().prepend(directions));
        for (int k = 0; k < directions; k++) {
            double h = 1e-6;
            Tensor difference =
                    value(f, x, v, k, h).minus(value(f, x, v, k, -h)).times(1 / (2 * h));
            near(push.row(k), difference, 1e-7);
        }
        Tensor u = Tensor.normal(DType.F64, push.shape(), new Philox(3));
        Tensor[] pull = l.pull(u);
        for (int k = 0; k < directions; k++) {
            double right = 0;
            Tensor[] one = l.pull(u.rows(k, k + 1));
            for (int i = 0; i < x.length; i++) {
                near(pull[i].rows(k, k + 1), one[i], 1e-12);
                right += dot(pull[i].row(k), v[i].row(k));
            }
            assertThat(right).isEqualTo(dot(u.row(k), push.row(k)), within(1e-10));
        }
    }

    private static Tensor value(Function<List<Var>, Var> f, Tensor[] x, Tensor[] v, int k, double h) {
        List<Var> at = new ArrayList<>();
        for (int i = 0; i < x.length; i++) {
            at.add(Var.constant(x[i].plus(v[i].row(k).times(h))));
        }
        return f.apply(at).value();
    }

    private static Tensor normal(long stream, int... dims) {
        return Tensor.normal(DType.F64, Shape.of(dims), new Philox(1, stream));
    }

    private static double dot(Tensor a, Tensor b) {
        return a.times(b).sumAll().item();
    }

    private static void near(Tensor actual, Tensor expected, double tolerance) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.toDoubles()).containsExactly(expected.toDoubles(), within(tolerance));
    }
}
