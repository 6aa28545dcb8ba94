package dev.canonica.tensor.vector;

import static dev.canonica.tensor.vector.Twins.SIZES;
import static dev.canonica.tensor.vector.Twins.agree;
import static dev.canonica.tensor.vector.Twins.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Pinned;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Ternary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.Epilogue;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.MatrixBatch;
import dev.canonica.tensor.kernel.Walk;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every SIMD kernel against its scalar twin. */
@ParameterizedClass
@EnumSource(
        value = KernelForm.class,
        names = {"EMITTED", "VECTOR"})
class VectorKernelsTest {
    @Parameter
    KernelForm form;

    private static final double EPS = 0x1p-24;

    private static final int[][][] BROADCASTS = {
        {{}, {}},
        {{33}, {33}},
        {{33}, {}},
        {{}, {33}},
        {{1}, {17}},
        {{7, 65}, {65}}, // row
        {{7, 65}, {7, 1}}, // column
        {{7, 1}, {1, 65}}, // outer product
        {{65, 1}, {65, 1}},
        {{3, 5, 7, 17}, {5, 1, 17}}, // [K, B, T, D] x [B, 1, D]
        {{3, 5, 7, 17}, {3, 1, 7, 1}},
        {{2, 1, 3, 1, 5}, {1, 4, 1, 2, 5}},
        {{1, 1, 63}, {1, 1, 1}},
        {{0}, {1}},
        {{3, 0, 5}, {3, 1, 5}},
        {{0, 7}, {7}},
        {{300, 65}, {65}}, // more than one job
        {{20000}, {1}},
        {{2, 20000}, {2, 1}},
    };

    private static int size(int... dims) {
        return Math.toIntExact(Shape.of(dims).size());
    }

    @ParameterizedTest
    @EnumSource(Binary.class)
    void binary(Binary op) {
        for (int[][] b : BROADCASTS) {
            for (int[][] p : new int[][][] {b, {b[1], b[0]}}) {
                Shape x = Shape.of(p[0]);
                Shape y = Shape.of(p[1]);
                Shape z = Shape.broadcast("test", x, y);
                Walk walk = Walk.broadcast(z.dims(), x.dims(), y.dims());
                agree(
                        form,
                        op + " " + x + y,
                        0,
                        0,
                        (f, a) -> f.binary(op, walk, a[0], a[1], a[2]),
                        random(size(p[0]), 1),
                        random(size(p[1]), 2),
                        new float[size(z.dims())]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Binary.class)
    void binaryOfExtremes(Binary op) {
        float[] s = UnaryTest.EXTREMES;
        Walk walk = Walk.broadcast(
                Shape.of(s.length, s.length).dims(),
                Shape.of(s.length, 1).dims(),
                Shape.of(s.length).dims());
        agree(
                form,
                op.name(),
                0,
                0,
                (f, a) -> f.binary(op, walk, a[0], a[1], a[2]),
                s,
                s,
                new float[s.length * s.length]);
    }

    @ParameterizedTest
    @EnumSource(Ternary.class)
    void ternary(Ternary op) {
        int[][][] shapes = {
            {{}, {}, {}},
            {{65}, {65}, {65}},
            {{65}, {}, {65}},
            {{65}, {1}, {1}},
            {{7, 33}, {33}, {7, 1}},
            {{3, 5, 7, 17}, {5, 1, 17}, {5, 1, 17}}, // modulation of a block of directions
            {{3, 5, 7, 17}, {3, 5, 1, 17}, {17}},
            {{2, 20001}, {2, 1}, {20001}},
            {{50000}, {50000}, {50000}},
            {{0, 3}, {3}, {1}},
        };
        for (int[][] s : shapes) {
            Shape r = Shape.of(s[0]);
            Walk walk = Walk.broadcast(
                    r.dims(),
                    Shape.of(s[0]).dims(),
                    Shape.of(s[1]).dims(),
                    Shape.of(s[2]).dims());
            agree(
                    form,
                    op + Arrays.deepToString(s),
                    4 * EPS,
                    4 * EPS,
                    (f, a) -> f.ternary(op, walk, a[0], a[1], a[2], a[3]),
                    random(size(s[0]), 1),
                    random(size(s[1]), 2),
                    random(size(s[2]), 3),
                    new float[size(s[0])]);
        }
    }

    @Test
    void fillAffineAndAxpy() {
        for (int n : SIZES) {
            agree(form, "fill " + n, 0, 0, (f, a) -> f.fill(0.1, a[0], n), random(n, 1));
            agree(
                    form,
                    "affine " + n,
                    4 * EPS,
                    4 * EPS,
                    (f, a) -> f.affine(1.7, -0.3, a[0], a[1], n),
                    random(n, 1),
                    new float[n]);
            agree(
                    form,
                    "affine in place " + n,
                    4 * EPS,
                    4 * EPS,
                    (f, a) -> f.affine(-1, 0.25, a[0], a[0], n),
                    random(n, 1));
            agree(
                    form,
                    "axpy " + n,
                    4 * EPS,
                    4 * EPS,
                    (f, a) -> f.axpy(-1.3, a[0], a[1], n),
                    random(n, 1),
                    random(n, 2));
            agree(
                    form,
                    "rectify " + n,
                    4 * EPS,
                    4 * EPS,
                    (f, a) -> f.rectify(a[0], a[1], n),
                    random(n, 1),
                    random(n, 2));
        }
    }

    @Test
    void copy() {
        long[][][] walks = { // extents, strides of x, strides of y
            {{7, 33}, {33, 1}, {33, 1}},
            {{33, 7}, {1, 33}, {7, 1}}, // transposes
            {{3, 5, 17}, {17, 51, 1}, {85, 17, 1}},
            {{200, 300}, {1, 200}, {300, 1}},
            {{5, 7}, {0, 1}, {7, 1}},
            {{5, 7}, {1, 0}, {7, 1}},
            {{4, 3}, {3, 1}, {5, 1}},
            {{0, 3}, {3, 1}, {3, 1}},
            {{}, {}, {}},
        };
        for (long[][] w : walks) {
            Walk walk = Walk.of(w[0], w[1], w[2]);
            agree(
                    form,
                    "copy " + Arrays.deepToString(w),
                    0,
                    0,
                    (f, a) -> f.copy(walk, a[0], a[1]),
                    random(60000, 1),
                    new float[60000]);
        }
    }

    @Test
    void sumAndMax() {
        int[][] shapes = new int[SIZES.length][];
        Arrays.setAll(shapes, i -> new int[] {i % 3 + 1, SIZES[i], 1});
        check(shapes);
        check(
                new int[] {1, 7, 33},
                new int[] {3, 5, 17},
                new int[] {2, 1000, 65},
                new int[] {1, 3, 20000},
                new int[] {0, 3, 5},
                new int[] {2, 0, 31},
                new int[] {2, 3, 0},
                new int[] {3000, 15, 1},
                new int[] {1, 2, 15});
    }

    private void check(int[]... shapes) {
        for (int[] s : shapes) {
            float[] x = random(s[0] * s[1] * s[2], 1);
            float[] y = new float[s[0] * s[2]];
            agree(
                    form,
                    "sum " + Arrays.toString(s),
                    0,
                    EPS * 8 * Math.max(1, s[1]),
                    (f, a) -> f.sum(a[0], a[1], s[0], s[1], s[2]),
                    x,
                    y);
            agree(form, "max " + Arrays.toString(s), 0, 0, (f, a) -> f.max(a[0], a[1], s[0], s[1], s[2]), x, y);
        }
    }

    @Test
    void maxIsNaNIfAnyIs() {
        for (int n : new int[] {1, 7, 17, 65}) {
            for (int at = 0; at < n; at++) {
                float[] x = random(n, 1);
                x[at] = Float.NaN;
                int k = n;
                float[][] row =
                        Twins.run(new VectorKernels(form), (f, a) -> f.max(a[0], a[1], 1, k, 1), x, new float[1]);
                assertThat(row[1][0]).isNaN();
                float[][] columns = Twins.run(
                        new VectorKernels(form),
                        (f, a) -> f.max(a[0], a[1], 1, 2, k),
                        join(random(n, 2), x),
                        new float[n]);
                assertThat(columns[1][at]).isNaN();
            }
        }
    }

    private static float[] join(float[] a, float[] b) {
        float[] c = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, c, a.length, b.length);
        return c;
    }

    @Test
    void softmaxAndItsDerivative() {
        for (int n : new int[] {0, 1, 7, 15, 16, 17, 31, 33, 63, 65, 1000, 20001}) {
            for (double scale : new double[] {1, 0.125, -0.7}) {
                int rows = n > 1000 ? 2 : 5;
                float[] x = random(rows * n, 1);
                for (int i = 0; i < x.length; i++) {
                    x[i] *= 20;
                }
                String name = "n " + n + " scale " + scale;
                agree(
                        form,
                        "softmax " + name,
                        3e-5,
                        1e-30,
                        (f, a) -> f.softmax(scale, a[0], a[1], a[2], rows, n),
                        x,
                        new float[rows * n],
                        new float[rows]);
                agree(
                        form,
                        "softmax in place " + name,
                        3e-5,
                        1e-30,
                        (f, a) -> f.softmax(scale, a[0], a[0], 0, rows, n),
                        x);
                float[] l = Twins.run(
                        new VectorKernels(form),
                        (f, a) -> f.softmax(scale, a[0], a[1], a[2], rows, n),
                        x,
                        x,
                        new float[rows])[2];
                agree(
                        form,
                        "softmaxFrom " + name,
                        3e-5,
                        1e-30,
                        (f, a) -> f.softmaxFrom(scale, a[0], a[1], a[2], rows, n),
                        x,
                        l,
                        new float[rows * n]);
                agree(
                        form,
                        "softmaxFrom in place " + name,
                        3e-5,
                        1e-30,
                        (f, a) -> f.softmaxFrom(scale, a[0], a[1], a[0], rows, n),
                        x,
                        l);

                float[] y =
                        Twins.run(new VectorKernels(form), (f, a) -> f.softmax(scale, a[0], a[0], 0, rows, n), x)[0];
                float[] d = random(3 * rows * n, 2);
                agree(
                        form,
                        "softmaxDerivative " + name,
                        1e-5,
                        1e-6,
                        (f, a) -> f.softmaxDerivative(scale, a[0], a[1], a[2], 3, rows, n),
                        y,
                        d,
                        new float[d.length]);
                agree(
                        form,
                        "softmaxDerivative in place " + name,
                        1e-5,
                        1e-6,
                        (f, a) -> f.softmaxDerivative(scale, a[0], a[1], a[1], 3, rows, n),
                        y,
                        d);
            }
        }
    }

    @Test
    void softmaxOfFarApartNumbers() {
        float[] x = {-3e38f, 3e38f, 0, Float.NEGATIVE_INFINITY, 1e30f, 3e38f, -1, 5};
        float[] y = Twins.run(new VectorKernels(form), (f, a) -> f.softmax(1, a[0], a[0], 0, 1, 8), x)[0];
        assertThat(y).containsExactly(0, 0.5f, 0, 0, 0, 0.5f, 0, 0);
    }

    @Test
    void softmaxOfNaNIsNaN() {
        for (int n : new int[] {1, 7, 17, 65}) {
            for (int at = 0; at < n; at++) {
                float[] x = random(n, 1);
                x[at] = Float.NaN;
                int k = n;
                float[][] y = Twins.run(
                        new VectorKernels(form), (f, a) -> f.softmax(1, a[0], a[0], a[1], 1, k), x, new float[1]);
                assertThat(y[0]).containsOnly(Float.NaN);
                assertThat(y[1][0]).isNaN();
            }
        }
    }

    /** Bits of a row are the same alone and among others, more of them than one call of emitted code takes. */
    @Test
    void aRowDoesNotDependOnOthers() {
        int n = 131;
        int rows = 300;
        Kernels f = new VectorKernels(form);
        float[] x = random(rows * n, 1);
        float[] d = random(rows * n, 2);
        float[][] all = severalOfRows(f, x, d, rows, n);
        for (int r : new int[] {0, 1, 123, 255, 256, 299}) {
            float[][] one = severalOfRows(
                    f, Arrays.copyOfRange(x, r * n, (r + 1) * n), Arrays.copyOfRange(d, r * n, (r + 1) * n), 1, n);
            for (int b = 0; b < all.length; b++) {
                int width = all[b].length / rows;
                assertThat(one[b]).isEqualTo(Arrays.copyOfRange(all[b], r * width, (r + 1) * width));
            }
        }
    }

    private static float[][] severalOfRows(Kernels f, float[] x, float[] d, int rows, int n) {
        float[][] softmax = Twins.run(
                f, (k, a) -> k.softmax(0.7, a[0], a[1], a[2], rows, n), x, new float[rows * n], new float[rows]);
        float[][] normal = Twins.run(
                f, (k, a) -> k.normalize(1e-5, a[0], a[1], a[2], rows, n), x, new float[rows * n], new float[rows]);
        return new float[][] {
            softmax[1],
            softmax[2],
            normal[1],
            normal[2],
            Twins.run(f, (k, a) -> k.sum(a[0], a[1], rows, n, 1), x, new float[rows])[1],
            Twins.run(f, (k, a) -> k.softmaxFrom(0.7, a[0], a[1], a[0], rows, n), x, softmax[2])[0],
            Twins.run(f, (k, a) -> k.softmaxDerivative(0.7, a[0], a[1], a[1], 1, rows, n), softmax[1], d)[1],
            Twins.run(f, (k, a) -> k.normalizeDerivative(a[0], a[1], a[2], a[2], 1, rows, n), normal[1], normal[2], d)[
                    2]
        };
    }

    @Test
    void normalizeAndItsDerivative() {
        for (int n : new int[] {1, 7, 15, 16, 17, 31, 33, 63, 65, 1000, 20001}) {
            int rows = n > 1000 ? 2 : 5;
            float[] x = random(rows * n, 1);
            for (int i = 0; i < x.length; i++) {
                x[i] = 3 * x[i] + 5;
            }
            agree(
                    form,
                    "normalize " + n,
                    1e-5,
                    1e-5,
                    (f, a) -> f.normalize(1e-5, a[0], a[1], a[2], rows, n),
                    x,
                    new float[rows * n],
                    new float[rows]);
            float[][] ys = Twins.run(
                    new VectorKernels(form),
                    (f, a) -> f.normalize(1e-5, a[0], a[1], a[2], rows, n),
                    x,
                    x,
                    new float[rows]);
            float[] d = random(3 * rows * n, 2);
            double absolute = n == 1 ? 1e-3 : 1e-5; // one number alone has s = 316
            agree(
                    form,
                    "normalizeDerivative " + n,
                    1e-5,
                    absolute,
                    (f, a) -> f.normalizeDerivative(a[0], a[1], a[2], a[3], 3, rows, n),
                    ys[1],
                    ys[2],
                    d,
                    new float[d.length]);
        }
    }

    @Test
    void gatherAndScatterAdd() {
        SplittableRandom random = new SplittableRandom(5);
        for (int width : new int[] {0, 1, 7, 16, 33, 65}) {
            for (int count : new int[] {0, 1, 17, 1000}) {
                Tensor index = Tensor.of(random.longs(count, 0, 31).toArray(), count);
                long p = Pinned.at(index);
                agree(
                        form,
                        "gather",
                        0,
                        0,
                        (f, a) -> f.gather(a[0], p, a[1], count, width),
                        random(31 * width, 1),
                        new float[count * width]);
                agree(
                        form,
                        "scatterAdd",
                        0,
                        0,
                        (f, a) -> f.scatterAdd(a[0], p, a[1], count, width),
                        random(count * width, 1),
                        random(31 * width, 2));
                Reference.reachabilityFence(index);
            }
        }
    }

    @Test
    void adamW() {
        Kernels.AdamW step = new Kernels.AdamW(1e-3, 0.9, 0.99, 1e-8, 0.01, 0.1, 0.01, 0.5);
        for (int n : SIZES) {
            float[] v = random(n, 4);
            for (int i = 0; i < n; i++) {
                v[i] *= v[i];
            }
            agree(
                    form,
                    "adamW " + n,
                    1e-6,
                    1e-7,
                    (f, a) -> f.adamW(step, a[0], a[1], a[2], a[3], n),
                    random(n, 1),
                    random(n, 2),
                    random(n, 3),
                    v);
        }
    }

    /** The virtual machine runs the first calls itself and compiles the code later: neither order of a sum nor the library may change then. */
    @Test
    void givesTheSameBitsBeforeAndAfterCompilation() {
        int n = 77;
        float[] x = random(3 * n, 1);
        float[] y = new float[3 * n];
        float[] s = new float[3];
        Kernels f = new VectorKernels(form);
        float[][][] first = new float[4][][];
        for (int round = 0; round < 5000; round++) {
            float[][][] now = {
                Twins.run(f, (k, a) -> k.sum(a[0], a[1], 3, n, 1), x, s),
                Twins.run(f, (k, a) -> k.softmax(1, a[0], a[1], a[2], 3, n), x, y, s),
                Twins.run(f, (k, a) -> k.normalize(1e-5, a[0], a[1], a[2], 3, n), x, y, s),
                Twins.run(
                        f,
                        (k, a) -> k.normalizeDerivative(a[0], a[1], a[0], a[2], 1, 3, n),
                        x,
                        new float[] {1, 2, 3},
                        y)
            };
            if (round == 0) {
                first = now;
            }
            assertThat(Arrays.deepEquals(now, first)).as("round " + round).isTrue();
        }
        // the order is that of a tree: lanes are added to those half a vector before
        int lanes = VectorKernels.vectorBits() / 32;
        float[] sums = new float[lanes];
        for (int i = 0; i < 2 * lanes; i++) {
            sums[i % lanes] += x[i];
        }
        for (int half = lanes / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                sums[i] += sums[i + half];
            }
        }
        assertThat(
                        Twins.run(
                                f,
                                (k, a) -> k.sum(a[0], a[1], 1, 2 * lanes, 1),
                                Arrays.copyOf(x, 2 * lanes),
                                new float[1])[1][0])
                .isEqualTo(sums[0]);
    }

    @ParameterizedTest
    @EnumSource(Unary.class)
    void functionsGiveTheSameBitsBeforeAndAfterCompilation(Unary op) {
        float[] x = random(1000, 1);
        Kernels f = new VectorKernels(form);
        float[] first = Twins.run(f, (k, a) -> k.unary(op, a[0], a[0], 1000), x)[0];
        for (int round = 0; round < 300; round++) {
            assertThat(Arrays.equals(Twins.run(f, (k, a) -> k.unary(op, a[0], a[0], 1000), x)[0], first))
                    .as("round " + round)
                    .isTrue();
        }
    }

    @Test
    void gemmOfASmallBatch() {
        for (int[] s : new int[][] {{1, 7, 15, 17}, {3, 33, 31, 65}, {2, 1, 1, 1}, {2, 5, 7, 0}}) {
            for (int t = 0; t < 8; t++) {
                boolean ta = (t & 1) != 0;
                boolean tb = (t & 2) != 0;
                boolean accumulate = (t & 4) != 0;
                int m = s[1];
                int n = s[2];
                int k = s[3];
                agree(
                        form,
                        "gemm " + Arrays.toString(s),
                        1e-5,
                        1e-5,
                        (f, a) -> f.gemm(
                                new MatrixBatch(a[0], m, k, ta, ta ? m : k, s[0], (long) m * k),
                                new MatrixBatch(a[1], k, n, tb, tb ? k : n, s[0], (long) k * n),
                                accumulate,
                                MatrixBatch.of(a[2], m, n).times(s[0], (long) m * n)),
                        random(s[0] * m * k, 1),
                        random(s[0] * k * n, 2),
                        random(s[0] * m * n, 3));
            }
        }
    }

    @Test
    void linearWithAllThatMayFollow() {
        int[][] sizes = {
            {1, 1, 1}, {6, 33, 7}, {30, 65, 31}, {84, 100, 385}, {402, 31, 17}, {12, 70, 3}, {18, 1300, 200}
        };
        for (int[] s : sizes) {
            int m = s[0];
            int n = s[1];
            int k = s[2];
            int gates = m % 6 == 0 ? 2 : 1;
            int repeat = m % 6 == 0 ? 3 : 1;
            for (boolean transposeW : new boolean[] {false, true}) {
                for (Unary op : new Unary[] {Unary.GELU, Unary.SILU}) {
                    Twins.agree(
                            form,
                            "linear " + m + ", " + n + ", " + k,
                            1e-4,
                            1e-5 * k,
                            (f, a) -> f.linear(
                                    MatrixBatch.of(a[0], m, k),
                                    new MatrixBatch(a[1], k, n, transposeW, transposeW ? k : n),
                                    0,
                                    Epilogue.bias(a[2])
                                            .activation(op, a[5])
                                            .gate(a[3], gates, repeat, a[6])
                                            .plus(a[4]),
                                    a[7]),
                            Twins.random(m * k, 1),
                            Twins.random(n * k, 2),
                            Twins.random(n, 3),
                            Twins.random(gates * n, 4),
                            Twins.random(m * n, 5),
                            new float[m * n],
                            new float[m * n],
                            new float[m * n]);
                }
            }
        }
    }
}
