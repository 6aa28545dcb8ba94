package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.Linear;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
    /** 0, 1, 2, … of a type, under a shape. */
    private static Tensor range(DType type, int... dims) {
        return Tensor.of(
                        IntStream.range(0, Math.toIntExact(Shape.of(dims).size()))
                                .asDoubleStream()
                                .toArray(),
                        dims)
                .to(type);
    }

    private static Tensor range(int... dims) {
        return range(DType.F32, dims);
    }

    private static void assertTensor(Tensor t, Shape shape, double... values) {
        assertThat(t.shape()).isEqualTo(shape);
        assertThat(t.toDoubles()).containsExactly(values);
    }

    // ------------------------------------------------------------------------------------------------ properties

    @Test
    void knowsItsShape() {
        Tensor t = range(2, 3, 5);
        assertThat(t.toString()).startsWith("Tensor[2, 3, 5] F32 [[[0.0, 1.0, 2.0, 3.0, 4.0], [5.0,");
        assertThat(t.rank()).isEqualTo(3);
        assertThat(t.size()).isEqualTo(30);
        assertThat(t.dim(0)).isEqualTo(2);
        assertThat(t.dim(-1)).isEqualTo(5);
        assertThat(t.dim(-3)).isEqualTo(2);
        assertThat(Pinned.at(t) % 64).isZero();
        assertThat(t.device()).isSameAs(Device.cpu()).hasToString("cpu");
        assertThat(Tensor.scalar(DType.F64, 3)).hasToString("Tensor[] F64 3.0");
        assertThat(Tensor.scalar(DType.F64, 3).item()).isEqualTo(3);
    }

    @Test
    void shapesOfNothing() {
        Tensor t = Tensor.zeros(DType.F32, Shape.of(3, 0, 5));
        assertThat(t.size()).isZero();
        assertThat(t.toFloats()).isEmpty();
        assertTensor(t.plus(1).exp().sum(1), Shape.of(3, 5), new double[15]);
        assertThat(t.max(1).toDoubles()).containsOnly(Double.NEGATIVE_INFINITY);
        assertThat(t.transpose().shape()).isEqualTo(Shape.of(3, 5, 0));
        assertThat(t.sumAll().item()).isZero();
        assertThat(t.softmax().shape()).isEqualTo(t.shape());
    }

    @Test
    void valuesOfTheCallerAreCopied() {
        float[] values = {1, 2, 3};
        Tensor t = Tensor.of(values, 3);
        values[0] = 100;
        assertTensor(t, Shape.of(3), 1, 2, 3);
        t.toFloats()[1] = 100;
        assertTensor(t, Shape.of(3), 1, 2, 3);
    }

    @Test
    void uniformNumbersAreThoseOfTheStream() {
        double[] expected = new double[35];
        new Philox(3, 4).uniforms(0, expected);
        for (int i = 0; i < 35; i++) {
            expected[i] = -3 + 5 * expected[i];
        }
        Tensor x = Tensor.uniform(DType.F64, Shape.of(5, 7), -3, 2, new Philox(3, 4));
        assertTensor(x, Shape.of(5, 7), expected);
        assertThat(Tensor.uniform(DType.F32, Shape.of(5, 7), -3, 2, new Philox(3, 4))
                        .toFloats())
                .containsExactly(x.to(DType.F32).toFloats());
    }

    @Test
    void normalNumbersAreThoseOfTheStream() {
        double[] expected = new double[35];
        new Philox(3, 4).normals(0, expected);
        assertTensor(Tensor.normal(DType.F64, Shape.of(5, 7), new Philox(3, 4)), Shape.of(5, 7), expected);
        float[] rounded =
                Tensor.normal(DType.F32, Shape.of(5, 7), new Philox(3, 4)).toFloats();
        IntStream.range(0, 35).forEach(i -> assertThat(rounded[i]).isEqualTo((float) expected[i]));
    }

    // ------------------------------------------------------------------------------------------------ layout

    @Test
    void reshapeSharesMemory() {
        Tensor t = range(6, 5);
        Tensor r = t.reshape(2, -1, 5);
        assertThat(r.shape()).isEqualTo(Shape.of(2, 3, 5));
        assertThat(Pinned.at(r)).isEqualTo(Pinned.at(t));
        assertThat(r.memory()).isSameAs(t.memory());
        assertThat(t.reshape(6, 5)).isSameAs(t);
        assertThat(t.reshape(30).reshape(-1).shape()).isEqualTo(Shape.of(30));
        assertThat(range(1).reshape(Shape.SCALAR).rank()).isZero();
        assertThat(range(0, 3).reshape(-1, 3).shape()).isEqualTo(Shape.of(0, 3));
    }

    @Test
    void rowsShareMemory() {
        Tensor t = range(5, 7);
        Tensor rows = t.rows(2, 4);
        assertThat(Pinned.at(rows)).isEqualTo(Pinned.at(t) + 4 * 2 * 7);
        assertThat(rows.memory()).isSameAs(t.memory());
        assertTensor(rows.row(1).reshape(7), Shape.of(7), 21, 22, 23, 24, 25, 26, 27);
        assertThat(t.rows(5, 5).shape()).isEqualTo(Shape.of(0, 7));
        rows.accumulate(1, Tensor.full(DType.F32, Shape.of(2, 7), 100));
        assertThat(t.toFloats()[14]).isEqualTo(114);
        assertThat(t.toFloats()[13]).isEqualTo(13);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void permutes(DType type) {
        Tensor t = range(type, 2, 3, 5);
        double[] expected = new double[30];
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                for (int k = 0; k < 5; k++) {
                    expected[(k * 2 + i) * 3 + j] = t.toDoubles()[(i * 3 + j) * 5 + k];
                }
            }
        }
        assertTensor(t.permute(2, 0, 1), Shape.of(5, 2, 3), expected);
        assertTensor(t.permute(-1, 0, -2), Shape.of(5, 2, 3), expected);
        assertTensor(t.permute(2, 0, 1).permute(1, 2, 0), t.shape(), t.toDoubles());
        assertTensor(t.transpose().transpose(), t.shape(), t.toDoubles());
        assertThat(t.permute(0, 1, 2).memory()).isNotSameAs(t.memory());
        assertTensor(
                range(type, 2, 2).transpose(),
                Shape.of(2, 2),
                type == DType.BOOL ? new double[] {0, 1, 1, 1} : new double[] {0, 2, 1, 3});
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void slicesAndJoins(DType type) {
        Tensor t = range(type, 3, 7, 5);
        for (int axis = -3; axis < 3; axis++) {
            int n = t.dim(axis);
            Tensor joined = Tensor.concatenate(axis, t.slice(axis, 0, 1), t.slice(axis, 1, 1), t.slice(axis, 1, n));
            assertThat(joined.dtype()).isEqualTo(type);
            assertTensor(joined, t.shape(), t.toDoubles());
        }
        assertThat(t.slice(1, 2, 2).shape()).isEqualTo(Shape.of(3, 0, 5));
        assertTensor(
                t.slice(1, 6, 7).slice(-1, 3, 5).slice(0, 2, 3),
                Shape.of(1, 1, 2),
                t.toDoubles()[103],
                t.toDoubles()[104]);
    }

    @Test
    void pads() {
        assertTensor(range(2, 2).plus(1).pad(1, 1, 2), Shape.of(2, 5), 0, 1, 2, 0, 0, 0, 3, 4, 0, 0);
        assertTensor(range(2, 2).plus(1).pad(-2, 0, 1), Shape.of(3, 2), 1, 2, 3, 4, 0, 0);
        assertTensor(range(1, 0).pad(1, 1, 0), Shape.of(1, 1), 0);
    }

    @Test
    void broadcasts() {
        assertTensor(range(3).broadcastTo(Shape.of(2, 3)), Shape.of(2, 3), 0, 1, 2, 0, 1, 2);
        assertTensor(range(2, 1).broadcastTo(Shape.of(2, 3)), Shape.of(2, 3), 0, 0, 0, 1, 1, 1);
        assertTensor(range(2, 1, 2).broadcastTo(Shape.of(2, 2, 2)), Shape.of(2, 2, 2), 0, 1, 0, 1, 2, 3, 2, 3);
        assertTensor(range(DType.U8, 2).broadcastTo(Shape.of(2, 2)), Shape.of(2, 2), 0, 1, 0, 1);
        assertThat(range(1).broadcastTo(Shape.of(0)).size()).isZero();
        Tensor t = range(3);
        assertThat(t.broadcastTo(Shape.of(3))).isSameAs(t);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void gathersAndScatters(DType type) {
        Tensor t = range(type, 4, 3);
        Tensor index = Tensor.of(new long[] {3, 0, 0, 2}, 2, 2);
        Tensor g = t.gather(index);
        assertTensor(g, Shape.of(2, 2, 3), 9, 10, 11, 0, 1, 2, 0, 1, 2, 6, 7, 8);
        assertTensor(g.scatterAdd(index, 4), Shape.of(4, 3), 0, 2, 4, 0, 0, 0, 6, 7, 8, 9, 10, 11);
        assertTensor(range(type, 4).gather(index), Shape.of(2, 2), 3, 0, 0, 2);
        assertTensor(t.gather(Tensor.of(new long[] {1})), Shape.of(3), 3, 4, 5);
        assertThat(t.gather(Tensor.of(new long[0], 0)).shape()).isEqualTo(Shape.of(0, 3));
    }

    // ------------------------------------------------------------------------------------------------ arithmetic

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void computesElementByElement(DType type) {
        Tensor x = range(type, 2, 3);
        Tensor y = Tensor.of(new double[] {1, 2, 4}, 3).to(type);
        assertTensor(x.plus(y), x.shape(), 1, 3, 6, 4, 6, 9);
        assertTensor(x.minus(y), x.shape(), -1, -1, -2, 2, 2, 1);
        assertTensor(x.times(y), x.shape(), 0, 2, 8, 3, 8, 20);
        assertTensor(x.divide(y), x.shape(), 0, 0.5, 0.5, 3, 2, 1.25);
        assertTensor(y.zip(Binary.MAX, x), x.shape(), 1, 2, 4, 3, 4, 5);
        assertTensor(x.zip(Binary.MIN, y), x.shape(), 0, 1, 2, 1, 2, 4);
        assertTensor(x.plus(0.5), x.shape(), 0.5, 1.5, 2.5, 3.5, 4.5, 5.5);
        assertTensor(x.times(-2), x.shape(), 0, -2, -4, -6, -8, -10);
        assertTensor(x.map(Unary.SQUARE), x.shape(), 0, 1, 4, 9, 16, 25);
        assertTensor(x.zip(Ternary.MODULATE, y, y), x.shape(), 1, 5, 14, 7, 14, 29);
        assertTensor(x.zip(Ternary.MULTIPLY_ADD, y, x), x.shape(), 0, 3, 10, 6, 12, 25);
        assertThat(x.times(0).exp().toDoubles()).containsOnly(1);
        assertThat(x.norm()).isCloseTo(Math.sqrt(55), within(1e-6));
    }

    @Test
    void writesInPlaceWhereThatIsSaid() {
        Tensor t = range(3);
        assertThat(t.accumulate(2, Tensor.of(new float[] {1, 1, 2}, 3))).isSameAs(t);
        assertTensor(t, Shape.of(3), 2, 3, 6);
        t.assign(Tensor.of(new long[] {7, 8, 9}, 3));
        assertTensor(t, Shape.of(3), 7, 8, 9);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void reduces(DType type) {
        Tensor t = range(type, 2, 3, 2);
        assertTensor(t.sum(0), Shape.of(3, 2), 6, 8, 10, 12, 14, 16);
        assertTensor(t.sum(1), Shape.of(2, 2), 6, 9, 24, 27);
        assertTensor(t.sum(-1), Shape.of(2, 3), 1, 5, 9, 13, 17, 21);
        assertTensor(t.sumLast(), Shape.of(2, 3, 1), 1, 5, 9, 13, 17, 21);
        assertTensor(t.max(1), Shape.of(2, 2), 4, 5, 10, 11);
        assertTensor(t.sumAll(), Shape.SCALAR, 66);
        assertTensor(Tensor.scalar(type, 3).sumAll(), Shape.SCALAR, 3);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void sumToIsTheAdjointOfBroadcastTo(DType type) {
        int[] from = {3, 5, 1, 7, 2};
        for (int[] to : new int[][] {
            {}, {1}, {2}, {7, 1}, {1, 2}, {1, 7, 2}, {5, 1, 1, 1}, {3, 1, 1, 7, 1}, {1, 1, 1, 1, 1}, {5, 1, 7, 2}, from
        }) {
            Tensor x = range(type, from);
            Tensor y = range(type, to).plus(1);
            Tensor sum = x.sumTo(Shape.of(to));
            assertThat(sum.shape()).isEqualTo(Shape.of(to));
            double left = sum.times(y).sumAll().item();
            double right = x.times(y.broadcastTo(Shape.of(from))).sumAll().item();
            assertThat(left).as(Arrays.toString(to)).isCloseTo(right, within(1e-5 * right));
        }
        Tensor x = range(type, 3);
        assertThat(x.sumTo(Shape.of(3))).isSameAs(x);
        assertTensor(range(type, 0, 3).sumTo(Shape.of(1, 3)), Shape.of(1, 3), 0, 0, 0);
    }

    @Test
    void softmaxOfRows() {
        Tensor y = Tensor.of(new float[] {0, 0, 1000, 1000, -1000, 0}, 3, 2).softmax();
        assertTensor(y, Shape.of(3, 2), 0.5, 0.5, 0.5, 0.5, 0, 1);
    }

    // ------------------------------------------------------------------------------------------------ products

    private static double[] naive(Tensor a, boolean ta, Tensor b, boolean tb, int m, int n, int k) {
        double[] x = a.toDoubles();
        double[] y = b.toDoubles();
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int l = 0; l < k; l++) {
                    c[i * n + j] += x[ta ? l * m + i : i * k + l] * y[tb ? j * k + l : l * n + j];
                }
            }
        }
        return c;
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void multipliesMatricesWithBroadcastBatches(DType type) {
        int[][][] batches = {
            {{}, {}, {}},
            {{3}, {}, {3}},
            {{}, {3}, {3}},
            {{3}, {3}, {3}},
            {{2, 3}, {3}, {2, 3}},
            {{2, 1}, {1, 3}, {2, 3}},
            {{1}, {2, 3}, {2, 3}},
            {{0}, {1}, {0}}
        };
        int m = 7;
        int n = 15;
        int k = 17;
        for (int[][] batch : batches) {
            for (int t = 0; t < 4; t++) {
                boolean ta = (t & 1) != 0;
                boolean tb = (t & 2) != 0;
                Tensor a = Tensor.normal(type, Shape.of(ta ? k : m, ta ? m : k).prepend(batch[0]), new Philox(1));
                Tensor b = Tensor.normal(type, Shape.of(tb ? n : k, tb ? k : n).prepend(batch[1]), new Philox(2));
                Tensor c = a.matmul(ta, b, tb);
                Shape lead = Shape.of(batch[2]);
                assertThat(c.shape()).isEqualTo(Shape.of(m, n).prepend(batch[2]));
                if (!ta && !tb) {
                    assertThat(a.matmul(b).toDoubles()).isEqualTo(c.toDoubles());
                }
                int count = Math.toIntExact(lead.size());
                Tensor as = a.broadcastTo(
                                a.shape().slice(a.rank() - 2, a.rank()).prepend(batch[2]))
                        .reshape(count, m, k);
                Tensor bs = b.broadcastTo(
                                b.shape().slice(b.rank() - 2, b.rank()).prepend(batch[2]))
                        .reshape(count, k, n);
                Tensor cs = c.reshape(count, m, n);
                for (int i = 0; i < count; i++) {
                    double[] expected = naive(as.row(i), ta, bs.row(i), tb, m, n, k);
                    double[] actual = cs.row(i).toDoubles();
                    for (int j = 0; j < expected.length; j++) {
                        assertThat(actual[j]).isCloseTo(expected[j], within(type == DType.F32 ? 1e-5 : 1e-13));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void productsOfNothing(DType type) {
        assertTensor(range(type, 2, 0).matmul(range(type, 0, 3)), Shape.of(2, 3), new double[6]);
        assertThat(range(type, 0, 2).matmul(range(type, 2, 3)).shape()).isEqualTo(Shape.of(0, 3));
        assertThat(range(type, 5, 2, 3).matmul(range(type, 3, 0)).shape()).isEqualTo(Shape.of(5, 2, 0));
        assertTensor(
                Linear.by(range(type, 3, 0)).bias(range(type, 3)).apply(range(type, 2, 0)),
                Shape.of(2, 3),
                0,
                1,
                2,
                0,
                1,
                2);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void linearAddsTheBias(DType type) {
        Tensor w = range(type, 2, 3);
        Tensor bias = Tensor.of(new double[] {100, 200}, 2).to(type);
        assertTensor(Linear.by(w).bias(bias).apply(range(type, 2, 1, 3)), Shape.of(2, 1, 2), 105, 214, 114, 250);
        assertTensor(Linear.by(w).bias(bias).apply(range(type, 3)), Shape.of(2), 105, 214);
    }
}
