package dev.canonica.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Pinned;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention against its formula written out in double precision, and its derivative against central differences of that. */
@ParameterizedClass
@EnumSource(
        value = KernelForm.class,
        names = {"EMITTED", "VECTOR"})
class AttentionTest {
    @Parameter
    KernelForm form;

    /** How queries, keys and values lie in memory. */
    private enum Layout {
        SEPARATE,
        KEYS_AND_VALUES_PACKED,
        ALL_PACKED
    }

    private record Case(int batch, int heads, int queries, int keys, int width, Layout layout) {
        int columns() {
            return heads * width;
        }

        int strideQ() {
            return layout == Layout.ALL_PACKED ? 3 * columns() : columns();
        }

        int strideK() {
            return switch (layout) {
                case SEPARATE -> columns();
                case KEYS_AND_VALUES_PACKED -> 2 * columns();
                case ALL_PACKED -> 3 * columns();
            };
        }

        double scale() {
            return 0.7 / Math.sqrt(width);
        }

        Attention attention() {
            return new Attention(batch, heads, queries, keys, width, scale(), strideQ(), strideK(), strideK());
        }

        int sizeQ() {
            return batch * queries * columns();
        }

        int sizeK() {
            return batch * keys * columns();
        }
    }

    private static Stream<Case> cases() {
        int[][] sizes = {{1, 1, 1, 1, 1}, {2, 3, 7, 7, 5}, {1, 2, 65, 65, 7}, {2, 1, 64, 64, 3}, {1, 1, 130, 130, 2}};
        int[][] cross = {
            {1, 2, 33, 100, 4},
            {2, 1, 130, 17, 3},
            {1, 1, 64, 63, 16},
            {1, 3, 1, 65, 2},
            {2, 2, 65, 1, 3},
            {1, 1, 259, 130, 2},
            {1, 1, 70, 1000, 2},
            {1, 2, 70, 1024, 2}
        };
        return Stream.of(
                        Arrays.stream(sizes)
                                .flatMap(s -> Arrays.stream(Layout.values()).map(l -> of(s, l))),
                        Arrays.stream(cross)
                                .flatMap(s -> Stream.of(Layout.SEPARATE, Layout.KEYS_AND_VALUES_PACKED)
                                        .map(l -> of(s, l))))
                .flatMap(s -> s);
    }

    private static Case of(int[] s, Layout layout) {
        return new Case(s[0], s[1], s[2], s[3], s[4], layout);
    }

    /** Dense queries, keys and values (or tangents of them), a number of directions of each. */
    private record Operands(double[] q, double[] k, double[] v) {
        static Operands random(Case c, int directions, int seed) {
            return new Operands(
                    normals(directions * c.sizeQ(), seed),
                    normals(directions * c.sizeK(), seed + 1),
                    normals(directions * c.sizeK(), seed + 2));
        }

        Operands plus(double h, Operands d) {
            return new Operands(axpy(h, d.q, q), axpy(h, d.k, k), axpy(h, d.v, v));
        }

        Operands direction(int i, int directions) {
            return new Operands(part(q, i, directions), part(k, i, directions), part(v, i, directions));
        }

        Operands without(int mask) {
            return new Operands(zero(q, mask & 1), zero(k, mask & 2), zero(v, mask & 4));
        }

        double dot(Operands o) {
            return AttentionTest.dot(q, o.q) + AttentionTest.dot(k, o.k) + AttentionTest.dot(v, o.v);
        }
    }

    private static double[] normals(int n, int seed) {
        return Tensor.normal(DType.F64, Shape.of(n), new Philox(seed, 0)).toDoubles();
    }

    private static double[] axpy(double h, double[] d, double[] x) {
        double[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] += h * d[i];
        }
        return y;
    }

    private static double[] part(double[] x, int i, int n) {
        return Arrays.copyOfRange(x, x.length / n * i, x.length / n * (i + 1));
    }

    private static double[] zero(double[] x, int mask) {
        return mask != 0 ? new double[x.length] : x;
    }

    private static double dot(double[] x, double[] y) {
        double s = 0;
        for (int i = 0; i < x.length; i++) {
            s += x[i] * y[i];
        }
        return s;
    }

    /** softmax(scale Q Kᵀ) V, written out. */
    private static double[] naive(Case c, Operands x) {
        return naive(c, x, false);
    }

    private static double[] naive(Case c, Operands x, boolean roundP) {
        int d = c.columns();
        double[] o = new double[c.sizeQ()];
        double[] p = new double[c.keys];
        for (int row = 0; row < c.batch * c.queries; row++) {
            int first = row / c.queries * c.keys;
            for (int h = 0; h < c.heads; h++) {
                double sum = 0;
                for (int j = 0; j < c.keys; j++) {
                    double s = 0;
                    for (int i = h * c.width; i < (h + 1) * c.width; i++) {
                        s += x.q[row * d + i] * x.k[(first + j) * d + i];
                    }
                    p[j] = Math.exp(c.scale() * s);
                    sum += p[j];
                }
                for (int j = 0; j < c.keys; j++) {
                    double weight = roundP ? Bfloat16.round((float) (p[j] / sum)) : p[j] / sum;
                    for (int i = h * c.width; i < (h + 1) * c.width; i++) {
                        o[row * d + i] += weight * x.v[(first + j) * d + i];
                    }
                }
            }
        }
        return o;
    }

    /** Operands in memory, in their layout. */
    private record Placed(List<Tensor> tensors, long q, long k, long v) {
        static Placed of(Case c, DType type, Operands x, int directions) {
            int d = c.columns();
            int bytes = type.bytes();
            Tensor q = Tensor.of(x.q, directions * c.batch, c.queries, d).to(type);
            Tensor k = Tensor.of(x.k, directions * c.batch, c.keys, d).to(type);
            Tensor v = Tensor.of(x.v, directions * c.batch, c.keys, d).to(type);
            switch (c.layout) {
                case SEPARATE -> {
                    return new Placed(List.of(q, k, v), Pinned.at(q), Pinned.at(k), Pinned.at(v));
                }
                case KEYS_AND_VALUES_PACKED -> {
                    Tensor kv = Tensor.concatenate(2, k, v);
                    return new Placed(List.of(q, kv), Pinned.at(q), Pinned.at(kv), Pinned.at(kv) + (long) bytes * d);
                }
                default -> {
                    Tensor t = Tensor.concatenate(2, q, k, v);
                    return new Placed(
                            List.of(t), Pinned.at(t), Pinned.at(t) + (long) bytes * d, Pinned.at(t) + 2L * bytes * d);
                }
            }
        }

        /** The addresses, 0 where a bit of {@code absent} is set. */
        Attention.Operands at(int absent) {
            return new Attention.Operands(
                    (absent & 1) != 0 ? 0 : q, (absent & 2) != 0 ? 0 : k, (absent & 4) != 0 ? 0 : v);
        }

        Operands read(Case c) {
            int d = c.columns();
            return switch (c.layout) {
                case SEPARATE ->
                    new Operands(
                            tensors.get(0).toDoubles(),
                            tensors.get(1).toDoubles(),
                            tensors.get(2).toDoubles());
                case KEYS_AND_VALUES_PACKED ->
                    new Operands(
                            tensors.get(0).toDoubles(), columns(tensors.get(1), 0, d), columns(tensors.get(1), 1, d));
                case ALL_PACKED ->
                    new Operands(
                            columns(tensors.get(0), 0, d),
                            columns(tensors.get(0), 1, d),
                            columns(tensors.get(0), 2, d));
            };
        }

        private static double[] columns(Tensor t, int part, int d) {
            return t.slice(2, part * d, (part + 1) * d).toDoubles();
        }
    }

    /** Value and derivative at a point. */
    private static final class Point {
        final Case c;
        final Kernels f;
        final DType type;
        final Attention a;
        final Placed x;
        final Tensor logSumExp;
        final double[] value;
        private final boolean statistics;

        Point(KernelForm form, Case c, DType type, Operands operands) {
            this(form, c, type, operands, true);
        }

        Point(KernelForm form, Case c, DType type, Operands operands, boolean keepStatistics) {
            statistics = keepStatistics;
            this.c = c;
            this.type = type;
            f = Device.cpu(form).kernels(type);
            a = c.attention();
            x = Placed.of(c, type, operands, 1);
            Tensor o = Tensor.full(type, Shape.of(c.sizeQ()), Double.NaN);
            logSumExp = Tensor.full(type, Shape.of(c.batch, c.heads, c.queries), Double.NaN);
            f.attention(a, x.at(0), Pinned.at(o), Pinned.at(logSumExp));
            value = o.toDoubles();
        }

        private long statistics() {
            return statistics ? Pinned.at(logSumExp) : 0;
        }

        /** A tangent whose bit of {@code absent} is set is not passed. */
        double[] push(Operands d, int directions, int absent) {
            Placed t = Placed.of(c, type, d, directions);
            Tensor r = Tensor.full(type, Shape.of(directions * c.sizeQ()), Double.NaN);
            f.attentionPush(a, directions, x.at(0), statistics(), t.at(absent), Pinned.at(r));
            Reference.reachabilityFence(t);
            Reference.reachabilityFence(this);
            return r.toDoubles();
        }

        Operands pull(double[] u, int directions) {
            Tensor ut = Tensor.of(u, u.length).to(type);
            Operands nan =
                    new Operands(nan(directions * c.sizeQ()), nan(directions * c.sizeK()), nan(directions * c.sizeK()));
            Placed r = Placed.of(c, type, nan, directions);
            f.attentionPull(a, directions, x.at(0), statistics(), Pinned.at(ut), r.at(0));
            Reference.reachabilityFence(ut);
            Reference.reachabilityFence(this);
            return r.read(c);
        }

        private static double[] nan(int n) {
            double[] x = new double[n];
            Arrays.fill(x, Double.NaN);
            return x;
        }
    }

    private static void assertClose(double[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void valueIsTheFormula(Case c) {
        Operands x = Operands.random(c, 1, 1);
        double[] expected = naive(c, x);
        assertClose(new Point(form, c, DType.F64, x).value, expected, 1e-13);
        assertClose(new Point(form, c, DType.F32, x).value, expected, 1e-5);
    }

    /** Q, K, V and P rounded; the errors of 32 bits may move a P to its neighbour, which is 2⁻⁸ away. */
    @ParameterizedTest
    @MethodSource("cases")
    void roundedValueIsTheFormulaOfRoundedOperands(Case c) {
        Operands x = Operands.random(c, 1, 1);
        Operands r = new Operands(round(x.q), round(x.k), round(x.v));
        double[] expected = naive(c, r, true);
        for (Kernels f : List.of(Device.cpu(form).kernels(DType.F32), ScalarKernels.F32)) {
            double[] one = rounded(c, x, f, 1);
            assertSameBits("rounded, 3 threads", rounded(c, x, f, 3), one);
            double[] difference = axpy(-1, one, expected);
            assertThat(dot(difference, difference)).isLessThanOrEqualTo(1e-7 * dot(expected, expected));
            assertClose(one, expected, 0.005);
        }
    }

    private static double[] rounded(Case c, Operands operands, Kernels f, int threads) {
        return Session.current().withThreads(threads).call(() -> {
            Placed x = Placed.of(c, DType.F32, operands, 1);
            Tensor o = Tensor.full(DType.F32, Shape.of(c.sizeQ()), Double.NaN);
            f.attentionBf16(c.attention(), x.at(0), Pinned.at(o));
            Reference.reachabilityFence(x);
            return o.toDoubles();
        });
    }

    private static double[] round(double[] x) {
        return Arrays.stream(x).map(v -> Bfloat16.round((float) v)).toArray();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void withoutStatisticsTheDerivativeIsTheSame(Case c) {
        Operands x = Operands.random(c, 1, 1);
        Operands d = Operands.random(c, 2, 4);
        double[] u = normals(2 * c.sizeQ(), 7);
        Point with = new Point(form, c, DType.F32, x);
        Point without = new Point(form, c, DType.F32, x, false);
        assertClose(without.push(d, 2, 0), with.push(d, 2, 0), 1e-5);
        Operands expected = with.pull(u, 2);
        Operands found = without.pull(u, 2);
        assertClose(found.q, expected.q, 1e-5);
        assertClose(found.k, expected.k, 1e-5);
        assertClose(found.v, expected.v, 1e-5);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void pushIsTheDifferenceQuotient(Case c) {
        Operands x = Operands.random(c, 1, 1);
        Operands d = Operands.random(c, 3, 4);
        double[] inDouble = new Point(form, c, DType.F64, x).push(d, 3, 0);
        double[] inFloat = new Point(form, c, DType.F32, x).push(d, 3, 0);
        double h = 1e-5;
        for (int i = 0; i < 3; i++) {
            double[] up = naive(c, x.plus(h, d.direction(i, 3)));
            double[] quotient = axpy(-1, naive(c, x.plus(-h, d.direction(i, 3))), up);
            Arrays.setAll(quotient, j -> quotient[j] / (2 * h));
            assertClose(part(inDouble, i, 3), quotient, 1e-8);
            assertClose(part(inFloat, i, 3), quotient, 1e-4);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void pullIsTheAdjointOfPush(Case c) {
        Operands x = Operands.random(c, 1, 1);
        Operands d = Operands.random(c, 3, 4);
        double[] u = normals(5 * c.sizeQ(), 7);
        for (DType type : List.of(DType.F64, DType.F32)) {
            Point point = new Point(form, c, type, x);
            double[] pushed = point.push(d, 3, 0);
            Operands pulled = point.pull(u, 5);
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 5; j++) {
                    double left = dot(part(u, j, 5), part(pushed, i, 3));
                    double right = pulled.direction(j, 5).dot(d.direction(i, 3));
                    assertThat(right).isCloseTo(left, within((type == DType.F64 ? 1e-12 : 1e-4) * c.sizeQ()));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void absentTangentsAreZero(Case c) {
        Point point = new Point(form, c, DType.F64, Operands.random(c, 1, 1));
        Operands d = Operands.random(c, 2, 4);
        for (int absent = 0; absent < 7; absent++) {
            assertClose(point.push(d, 2, absent), point.push(d.without(absent), 2, 0), 1e-13);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void directionsAndThreadsDoNotMatter(Case c) {
        Operands x = Operands.random(c, 1, 1);
        Operands d = Operands.random(c, 5, 4);
        double[] u = normals(5 * c.sizeQ(), 7);
        Session single = Session.current().withThreads(1);
        Point one = single.call(() -> new Point(form, c, DType.F32, x));
        double[] pushed = single.call(() -> one.push(d, 5, 0));
        Operands pulled = single.call(() -> one.pull(u, 5));
        Session.current().withThreads(3).run(() -> {
            Point three = new Point(form, c, DType.F32, x);
            assertSameBits("value", three.value, one.value);
            assertSameBits("push on three threads", three.push(d, 5, 0), pushed);
            assertSameBits("pull on three threads", three.pull(u, 5).k, pulled.k);
            for (int i = 0; i < 5; i++) {
                assertSameBits("push of one direction", three.push(d.direction(i, 5), 1, 0), part(pushed, i, 5));
                Operands alone = three.pull(part(u, i, 5), 1);
                assertSameBits("pull of one direction to q", alone.q, part(pulled.q, i, 5));
                assertSameBits("pull of one direction to k", alone.k, part(pulled.k, i, 5));
                assertSameBits("pull of one direction to v", alone.v, part(pulled.v, i, 5));
            }
        });
    }

    private static void assertSameBits(String what, double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as(what + " [" + i + "]").isEqualTo(expected[i]);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void nothingToAttendToGivesZero(DType type) {
        Case c = new Case(2, 2, 3, 0, 5, Layout.SEPARATE);
        Point point = new Point(form, c, type, Operands.random(c, 1, 1));
        assertThat(point.value).containsOnly(0);
        assertThat(point.push(Operands.random(c, 2, 4), 2, 0)).containsOnly(0);
        assertThat(point.pull(normals(2 * c.sizeQ(), 7), 2).q).containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void noQueriesPullZero(DType type) {
        Case c = new Case(2, 2, 0, 3, 5, Layout.SEPARATE);
        Point point = new Point(form, c, type, Operands.random(c, 1, 1));
        assertThat(point.value).isEmpty();
        Operands pulled = point.pull(new double[0], 2);
        assertThat(pulled.k).hasSize(2 * c.sizeK()).containsOnly(0);
        assertThat(pulled.v).hasSize(2 * c.sizeK()).containsOnly(0);
    }

    @Test
    void largeScoresDoNotOverflow() {
        Case c = new Case(1, 1, 2, 3, 1, Layout.SEPARATE);
        Operands x = new Operands(new double[] {1000, -1000}, new double[] {1000, 0, -1000}, new double[] {1, 2, 3});
        assertThat(new Point(form, c, DType.F32, x).value).containsExactly(1, 3);
    }
}
