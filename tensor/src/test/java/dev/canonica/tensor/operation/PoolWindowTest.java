package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolWindowTest {
    private static final double NAN = Double.NaN;

    /** Per window: sum, max and the place of the max, by the definition. */
    private record Naive(double[] sum, double[] max, long[] place) {
        static Naive of(double[] x, int planes, int height, int width, PoolWindow w) {
            int rows = (height + 2 * w.padding() - w.size()) / w.stride() + 1;
            int columns = (width + 2 * w.padding() - w.size()) / w.stride() + 1;
            double[] sum = new double[planes * rows * columns];
            double[] max = new double[sum.length];
            long[] place = new long[sum.length];
            for (int n = 0; n < sum.length; n++) {
                int top = n / columns % rows * w.stride() - w.padding();
                int left = n % columns * w.stride() - w.padding();
                max[n] = Double.NEGATIVE_INFINITY;
                for (int r = Math.max(0, top); r < Math.min(height, top + w.size()); r++) {
                    for (int c = Math.max(0, left); c < Math.min(width, left + w.size()); c++) {
                        double v = x[(n / columns / rows * height + r) * width + c];
                        sum[n] += v;
                        if (v > max[n]) {
                            max[n] = v;
                            place[n] = (long) r * width + c;
                        }
                    }
                }
            }
            return new Naive(sum, max, place);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 1, 1, 0",
        "3, 7, 9, 2, 2, 0",
        "2, 15, 17, 3, 2, 1",
        "2, 15, 33, 3, 1, 1",
        "3, 8, 8, 2, 3, 1",
        "1, 5, 63, 5, 4, 2",
        "2, 4, 4, 4, 4, 0",
        "2, 3, 2, 3, 1, 2",
        "0, 4, 4, 2, 2, 0"
    })
    void isTheDefinition(int planes, int height, int width, int size, int stride, int padding) {
        PoolWindow w = new PoolWindow(size, stride, padding);
        double[] v = new double[planes * height * width];
        new Philox(3, 0).normals(0, v);
        for (int i = 0; i < v.length; i++) {
            v[i] = Math.rint(2 * v[i]) + 0.0; // with ties, without −0, and exact in every type
        }
        Naive expected = Naive.of(v, planes, height, width, w);
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Tensor x = Tensor.of(v, planes, height, width).to(type);
            assertThat(w.sum(0.5, x).toDoubles()).containsExactly(times(0.5, expected.sum));
            assertThat(w.max(x).toDoubles()).containsExactly(expected.max);
            Tensor index = w.argMax(x);
            assertThat(index.toLongs()).containsExactly(expected.place);

            Tensor u = Tensor.normal(type, index.shape(), new Philox(3, 1));
            double tolerance = type == DType.F64 ? 1e-12 : 1e-5;
            assertThat(dot(u, w.sum(0.5, x)))
                    .isEqualTo(dot(w.spread(0.5, u, height, width), x), within(1e2 * tolerance));

            Tensor d = Tensor.normal(type, x.shape().prepend(3), new Philox(3, 2));
            Tensor block = Tensor.normal(type, index.shape().prepend(3), new Philox(3, 3));
            Tensor push = w.gather(d, index);
            double[] all = d.toDoubles();
            double[] picked = push.toDoubles();
            int positions = planes == 0 ? 1 : (int) (index.size() / planes);
            for (int i = 0; i < picked.length; i++) {
                int place = (int) expected.place[i % expected.place.length];
                assertThat(picked[i]).isEqualTo(all[i / positions * height * width + place]);
            }
            assertThat(dot(block, push))
                    .isEqualTo(dot(w.scatter(block, index, height, width), d), within(1e2 * tolerance));
        }
    }

    @Test
    void tilesSpreadIsUpsampling() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 2, 3);
        assertThat(PoolWindow.tiles(2).spread(1, x, 4, 6).toFloats())
                .containsExactly(1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 4, 4, 5, 5, 6, 6);
    }

    @Test
    void elementsThatNoWindowCoversGetNothing() {
        Tensor u = Tensor.of(new double[] {1, 2}, 1, 2);
        assertThat(new PoolWindow(1, 2, 0).spread(1, u, 2, 4).toDoubles()).containsExactly(1, 0, 2, 0, 0, 0, 0, 0);
    }

    @Test
    void maxIsNotANumberWhereAnElementIsNot() {
        double[] v = {1, NAN, 2, NAN, 0, -1, -2, -3};
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Tensor x = Tensor.of(v, 2, 4).to(type);
            PoolWindow w = PoolWindow.tiles(2);
            assertThat(w.max(x).toDoubles()).containsExactly(NAN, NAN);
            assertThat(w.argMax(x).toLongs()).containsExactly(1, 3);
        }
    }

    @Test
    void infinitiesAreNumbersToo() {
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Tensor x = Tensor.full(type, Shape.of(2, 2), Double.NEGATIVE_INFINITY);
            PoolWindow w = new PoolWindow(2, 1, 1);
            assertThat(w.max(x).toDoubles()).containsOnly(Double.NEGATIVE_INFINITY);
            assertThat(w.argMax(x).toLongs()).containsExactly(0, 0, 1, 0, 0, 1, 2, 2, 3);
        }
    }

    @Test
    void errorsSayWhatDoesNotFit() {
        Tensor x = Tensor.zeros(DType.F32, Shape.of(3, 4, 5));
        refused(() -> new PoolWindow(2, 0, 0), "pooling: size 2 and stride 0 must be positive, padding 0 in [0, 2)");
        refused(() -> new PoolWindow(2, 1, 2), "pooling: size 2 and stride 1 must be positive, padding 2 in [0, 2)");
        refused(
                () -> new PoolWindow(7, 1, 1).max(x),
                "pooling: a window of size 7 does not fit on planes [3, 4, 5] with padding 1");
        refused(
                () -> PoolWindow.tiles(1).sum(1, Tensor.scalar(DType.F32, 1)),
                "pooling: planes [..., H, W] needed, shape is []");
        refused(
                () -> PoolWindow.tiles(2).spread(1, x, 8, 8),
                "pooling: shape [3, 4, 5] for planes [3, 8, 8], needed [3, 4, 4]");
        refused(
                () -> PoolWindow.tiles(2).gather(x, Tensor.uninitialised(DType.I32, Shape.of(4, 5))),
                "pooling: I32 indices of a block [3, 2, 2] needed, not Tensor[4, 5] I32");
    }

    private static void refused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static double[] times(double s, double[] v) {
        double[] r = v.clone();
        for (int i = 0; i < r.length; i++) {
            r[i] *= s;
        }
        return r;
    }

    private static double dot(Tensor a, Tensor b) {
        assertThat(a.shape()).isEqualTo(b.shape());
        double[] x = a.toDoubles();
        double[] y = b.toDoubles();
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }
}
