package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Pinned;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.kernel.Window;
import java.util.Arrays;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConvolutionTest {
    /** Sizes that are not multiples of anything. */
    enum Case {
        PIXEL(Convolution.of(1, 0), 1, 1, 1, 1, 1, 1, 1),
        POINTWISE(Convolution.of(1, 0), 3, 5, 7, 9, 4, 1, 1),
        POINTWISE_STRIDED(Convolution.of(2, 0), 2, 5, 7, 8, 4, 1, 1),
        POINTWISE_PADDED(Convolution.of(1, 1), 2, 3, 4, 5, 4, 1, 1),
        SAME(Convolution.same(3), 2, 3, 15, 17, 5, 3, 3),
        SAME_WIDE(Convolution.same(5), 1, 2, 9, 65, 3, 5, 5),
        STRIDED_ODD(Convolution.of(2, 1), 2, 3, 15, 17, 5, 3, 3),
        STRIDED_EVEN(Convolution.of(2, 1), 2, 3, 8, 10, 5, 3, 3),
        PATCHES(Convolution.of(7, 0), 2, 3, 15, 31, 6, 7, 7),
        GAPS(Convolution.of(3, 0), 1, 2, 11, 13, 3, 2, 2),
        DOWN(new Convolution(2, 0, 1, 0, 1, 1, 1), 2, 4, 8, 16, 4, 3, 3),
        OBLONG(new Convolution(1, 0, 2, 3, 1, 1, 1), 2, 3, 6, 33, 4, 2, 5),
        VALID(Convolution.of(1, 0), 2, 3, 7, 7, 4, 7, 7),
        FAR_PADDING(Convolution.of(1, 4), 1, 2, 3, 2, 3, 3, 3),
        DILATED(new Convolution(1, 2, 2, 2, 2, 2, 1), 2, 3, 9, 17, 4, 3, 3),
        DILATED_STRIDED(new Convolution(2, 3, 1, 0, 4, 3, 1), 1, 2, 11, 15, 3, 3, 2),
        GROUPED(new Convolution(1, 1, 1, 1, 1, 1, 3), 2, 6, 7, 9, 9, 3, 3),
        DEPTHWISE(new Convolution(2, 1, 1, 1, 1, 1, 5), 2, 5, 9, 7, 5, 3, 3),
        GROUPED_POINTWISE(new Convolution(1, 0, 0, 0, 0, 1, 2), 3, 6, 5, 7, 4, 1, 1),
        DEEP(Convolution.same(3), 1, 67, 19, 21, 33, 3, 3),
        TILES(Convolution.same(3), 3, 20, 9, 11, 35, 3, 3),
        TILES_WIDE(new Convolution(1, 0, 2, 2, 0, 1, 1), 1, 16, 7, 71, 18, 3, 3),
        TILES_SMALL(Convolution.same(3), 9, 17, 4, 4, 16, 3, 3),
        TILES_VALID(Convolution.of(1, 0), 2, 33, 10, 13, 16, 3, 3),
        TILES_MANY(Convolution.same(3), 4, 19, 17, 18, 61, 3, 3),
        TILES_PAIRS(Convolution.same(3), 3, 17, 7, 15, 19, 3, 3),
        TILES_PAIRS_VALID(Convolution.of(1, 0), 2, 16, 10, 18, 18, 3, 3),
        TILES_PLANES(Convolution.same(3), 5, 18, 8, 8, 17, 3, 3),
        TILES_SQUARES(Convolution.same(3), 13, 67, 4, 4, 17, 3, 3),
        NO_IMAGES(Convolution.same(3), 0, 3, 5, 5, 4, 3, 3),
        NO_CHANNELS(Convolution.same(3), 2, 0, 5, 5, 4, 3, 3),
        NO_FILTERS(Convolution.same(3), 2, 3, 5, 5, 0, 3, 3);

        final Convolution convolution;
        final Shape images;
        final Shape filters;
        final Shape output;
        final double[] x;
        final double[] w;
        final double[] bias;
        final double[] u;

        Case(Convolution c, int batch, int channels, int height, int width, int outputs, int kh, int kw) {
            convolution = c;
            images = Shape.of(batch, channels, height, width);
            filters = Shape.of(outputs, channels / c.groups(), kh, kw);
            int rows = (c.top() + height + c.bottom() - c.dilation() * (kh - 1) - 1) / c.stride() + 1;
            int columns = (c.left() + width + c.right() - c.dilation() * (kw - 1) - 1) / c.stride() + 1;
            output = Shape.of(batch, outputs, rows, columns);
            x = numbers(images, 1);
            w = numbers(filters, 2);
            bias = numbers(Shape.of(outputs), 3);
            u = numbers(output, 4);
        }

        private static double[] numbers(Shape shape, long stream) {
            double[] v = new double[(int) shape.size()];
            new Philox(7, stream).normals(0, v);
            return v;
        }

        Filters sizes() {
            Convolution c = convolution;
            Window window = new Window(
                    images.dim(2),
                    images.dim(3),
                    filters.dim(2),
                    filters.dim(3),
                    c.stride(),
                    c.dilation(),
                    c.top(),
                    c.left(),
                    output.dim(2),
                    output.dim(3));
            return new Filters(images.dim(0), c.groups(), filters.dim(1), filters.dim(0) / c.groups(), window);
        }

        /** A product of one weight, one pixel and where it goes, for every such triple with a pixel inside the image. */
        void triples(Triple triple) {
            Convolution c = convolution;
            int perGroup = filters.dim(0) / c.groups();
            for (int b = 0; b < images.dim(0); b++) {
                for (int o = 0; o < output.dim(1); o++) {
                    for (int i = 0; i < output.dim(2); i++) {
                        for (int j = 0; j < output.dim(3); j++) {
                            for (int k = 0; k < filters.dim(1); k++) {
                                for (int p = 0; p < filters.dim(2); p++) {
                                    for (int q = 0; q < filters.dim(3); q++) {
                                        int row = i * c.stride() + p * c.dilation() - c.top();
                                        int column = j * c.stride() + q * c.dilation() - c.left();
                                        int channel = o / perGroup * filters.dim(1) + k;
                                        if (row >= 0 && row < images.dim(2) && column >= 0 && column < images.dim(3)) {
                                            triple.accept(
                                                    at(filters, o, k, p, q),
                                                    at(images, b, channel, row, column),
                                                    at(output, b, o, i, j));
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }

        private static int at(Shape s, int a, int b, int c, int d) {
            return ((a * s.dim(1) + b) * s.dim(2) + c) * s.dim(3) + d;
        }

        double[] value() {
            double[] y = new double[u.length];
            triples((weight, pixel, out) -> y[out] += w[weight] * x[pixel]);
            return y;
        }

        double[] biased() {
            double[] y = value();
            int plane = output.dim(2) * output.dim(3);
            for (int i = 0; i < y.length; i++) {
                y[i] += bias[i / plane % bias.length];
            }
            return y;
        }

        double[] rectified(double[] residual) {
            double[] y = biased();
            for (int i = 0; i < y.length; i++) {
                y[i] = Math.max(0, residual.length == 0 ? y[i] : y[i] + residual[i]);
            }
            return y;
        }

        double[] pullImages() {
            double[] r = new double[x.length];
            triples((weight, pixel, out) -> r[pixel] += w[weight] * u[out]);
            return r;
        }

        double[] pullFilters() {
            double[] r = new double[w.length];
            triples((weight, pixel, out) -> r[weight] += x[pixel] * u[out]);
            return r;
        }
    }

    @FunctionalInterface
    interface Triple {
        void accept(int weight, int pixel, int out);
    }

    @ParameterizedTest
    @EnumSource
    void f64IsTheNaiveSum(Case c) {
        check(c, DType.F64, 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void f32IsTheNaiveSum(Case c) {
        check(c, DType.F32, 1e-5);
    }

    private static void check(Case c, DType type, double tolerance) {
        Tensor x = tensor(c.x, c.images, type);
        Tensor w = tensor(c.w, c.filters, type);
        Tensor bias = tensor(c.bias, Shape.of(c.bias.length), type);
        Tensor u = tensor(c.u, c.output, type);
        near(c.convolution.value(x, w), c.output, c.value(), tolerance);
        near(c.convolution.value(x, w, bias), c.output, c.biased(), tolerance);
        near(c.convolution.rectified(x, w, bias, null), c.output, c.rectified(new double[0]), tolerance);
        near(c.convolution.rectified(x, w, bias, u), c.output, c.rectified(c.u), tolerance);
        near(c.convolution.pullImages(u, w, c.images), c.images, c.pullImages(), tolerance);
        near(c.convolution.pullFilters(x, u, c.filters), c.filters, c.pullFilters(), tolerance);
    }

    @ParameterizedTest
    @EnumSource
    void scalarTwinOfF32IsTheNaiveSum(Case c) {
        Kernels k = ScalarKernels.F32;
        Filters f = c.sizes();
        Tensor x = tensor(c.x, c.images, DType.F32);
        Tensor w = tensor(c.w, c.filters, DType.F32);
        Tensor bias = tensor(c.bias, Shape.of(c.bias.length), DType.F32);
        Tensor u = tensor(c.u, c.output, DType.F32);
        Tensor y = Tensor.full(DType.F32, c.output, Double.NaN);
        Tensor dx = Tensor.full(DType.F32, c.images, Double.NaN);
        Tensor dw = Tensor.full(DType.F32, c.filters, Double.NaN);
        k.convolution(f, Pinned.at(x), Pinned.at(w), 0, Pinned.at(bias), Pinned.at(y));
        k.convolutionPullImages(f, Pinned.at(u), Pinned.at(w), Pinned.at(dx));
        k.convolutionPullFilters(f, Pinned.at(x), Pinned.at(u), Pinned.at(dw));
        near(y, c.output, c.biased(), 1e-6);
        near(dx, c.images, c.pullImages(), 1e-6);
        near(dw, c.filters, c.pullFilters(), 1e-6);
    }

    /** As if by one step after the other, to the bit: a network computes the same whether the value between them is asked for or not. */
    @ParameterizedTest
    @EnumSource
    void rectifiedIsTheSumAndItsPositivePart(Case c) {
        Tensor x = tensor(c.x, c.images, DType.F32);
        Tensor w = tensor(c.w, c.filters, DType.F32);
        Tensor bias = tensor(c.bias, Shape.of(c.bias.length), DType.F32);
        Tensor u = tensor(c.u, c.output, DType.F32);
        Tensor y = c.convolution.value(x, w, bias);
        assertThat(c.convolution.rectified(x, w, bias, null).toFloats())
                .isEqualTo(y.map(Unary.RELU).toFloats());
        assertThat(c.convolution.rectified(x, w, bias, u).toFloats())
                .isEqualTo(y.plus(u).map(Unary.RELU).toFloats());
    }

    /** From the second time on they are read in the form that they were packed into, whatever images they meet. */
    @ParameterizedTest
    @EnumSource
    void reusedFiltersGiveTheSameBits(Case c) {
        Tensor x = tensor(c.x, c.images, DType.F32);
        Tensor w = tensor(c.w, c.filters, DType.F32);
        Tensor bias = tensor(c.bias, Shape.of(c.bias.length), DType.F32);
        float[] expected = c.convolution.value(x, w, bias).toFloats();
        float[] plain = c.convolution.value(x, w).toFloats();
        w.reused();
        for (int i = 0; i < 3; i++) {
            assertThat(c.convolution.value(x, w, bias).toFloats()).isEqualTo(expected);
            assertThat(c.convolution.value(x, w).toFloats()).isEqualTo(plain);
        }
        for (int image = 0; image < c.images.dim(0); image++) {
            float[] alone =
                    c.convolution.value(x.rows(image, image + 1), w, bias).toFloats();
            assertThat(alone).isEqualTo(Arrays.copyOfRange(expected, image * alone.length, (image + 1) * alone.length));
        }
    }

    /** Filters of many passes, and of more strips than are transformed at a time, for several threads. */
    @Test
    void manyReusedFiltersGiveTheSameBits() {
        for (int size : new int[] {1, 3}) {
            Convolution c = Convolution.same(size);
            Tensor x = Tensor.normal(DType.F32, Shape.of(2, 450, 9, 7), new Philox(1, 0));
            Tensor w = Tensor.normal(DType.F32, Shape.of(390, 450, size, size), new Philox(1, 1));
            float[] expected = c.value(x, w).toFloats();
            w.reused();
            c.value(x, w);
            sameForAnyThreads(() -> c.value(x, w));
            assertThat(c.value(x, w).toFloats()).isEqualTo(expected);
        }
    }

    /** One memory as filters of two kinds, and written to. */
    @Test
    void reusedFiltersArePackedForWhatTheyAre() {
        Tensor x = Tensor.normal(DType.F32, Shape.of(1, 20, 9, 9), new Philox(1, 0));
        Tensor w = Tensor.normal(DType.F32, Shape.of(20, 20, 3, 3), new Philox(1, 1))
                .reused();
        Tensor other = Tensor.normal(DType.F32, w.shape(), new Philox(1, 2));
        for (int i = 0; i < 3; i++) {
            for (Convolution c : new Convolution[] {Convolution.same(3), Convolution.of(2, 1)}) {
                assertThat(c.value(x, w).toFloats())
                        .isEqualTo(c.value(x, w.times(1)).toFloats());
            }
        }
        w.assign(other);
        for (int i = 0; i < 3; i++) {
            assertThat(Convolution.same(3).value(x, w).toFloats())
                    .isEqualTo(Convolution.same(3).value(x, other).toFloats());
        }
    }

    /** Enough work for many jobs. */
    @Test
    void resultsDoNotDependOnTheNumberOfThreads() {
        Shape images = Shape.of(3, 37, 33, 31);
        Shape filters = Shape.of(41, 37, 3, 3);
        Tensor x = Tensor.normal(DType.F32, images, new Philox(1, 0));
        Tensor w = Tensor.normal(DType.F32, filters, new Philox(1, 1));
        Convolution c = Convolution.of(2, 1);
        Tensor u = Tensor.normal(DType.F32, c.value(x, w).shape(), new Philox(1, 2));
        sameForAnyThreads(() -> c.value(x, w));
        sameForAnyThreads(() -> c.rectified(x, w, zeros(41), u));
        sameForAnyThreads(() -> c.pullImages(u, w, images));
        sameForAnyThreads(() -> c.pullFilters(x, u, filters));
    }

    private static void sameForAnyThreads(Supplier<Tensor> f) {
        float[] one = Session.current().withThreads(1).call(() -> f.get().toFloats());
        for (int threads : new int[] {2, 5}) {
            Session.current()
                    .withThreads(threads)
                    .run(() -> assertThat(f.get().toFloats()).isEqualTo(one));
        }
    }

    @Test
    void errorsSayWhatDoesNotFit() {
        Convolution c = Convolution.of(1, 1);
        refused(
                () -> c.value(zeros(2, 3), zeros(4, 3, 3, 3)),
                "convolution: images [B, C, H, W] and filters [O, C/groups, kh, kw] needed, not [2, 3] and [4, 3, 3,"
                        + " 3]");
        refused(
                () -> c.value(zeros(1, 5, 8, 8), zeros(4, 3, 3, 3)),
                "convolution: filters [4, 3, 3, 3] take 3 channels, images [1, 5, 8, 8] have 5");
        refused(
                () -> new Convolution(1, 1, 1, 1, 1, 1, 2).value(zeros(1, 5, 8, 8), zeros(4, 3, 3, 3)),
                "convolution: filters [4, 3, 3, 3] in 2 groups take 6 channels, images [1, 5, 8, 8] have 5");
        refused(
                () -> new Convolution(1, 1, 1, 1, 1, 1, 3).value(zeros(1, 9, 8, 8), zeros(4, 3, 3, 3)),
                "convolution: 4 filters do not divide into 3 groups");
        refused(
                () -> c.value(zeros(1, 3, 8, 4), zeros(4, 3, 3, 7)),
                "convolution: filters [4, 3, 3, 7] do not fit on images [1, 3, 8, 4] with padding 1");
        refused(
                () -> new Convolution(1, 0, 1, 2, 3, 5, 1).value(zeros(1, 3, 8, 8), zeros(4, 3, 3, 3)),
                "convolution: filters [4, 3, 3, 3] with dilation 5 do not fit on images [1, 3, 8, 8] with padding (top"
                        + " 0, bottom 1, left 2, right 3)");
        refused(
                () -> c.value(zeros(1, 3, 8, 8), zeros(4, 3, 0, 3)),
                "convolution: filters [4, 3, 0, 3] do not fit on images [1, 3, 8, 8] with padding 1");
        refused(
                () -> c.value(zeros(1, 3, 8, 8), zeros(4, 3, 3, 3), zeros(3)),
                "convolution: bias [3] for filters [4, 3, 3, 3]");
        refused(
                () -> c.value(zeros(1, 3, 8, 8), Tensor.zeros(DType.F64, Shape.of(4, 3, 3, 3))),
                "convolution: types differ: F32 and F64");
        refused(
                () -> c.rectified(zeros(1, 3, 8, 8), zeros(4, 3, 3, 3), zeros(4), zeros(1, 4, 8, 7)),
                "convolution: residual [1, 4, 8, 7], needed [1, 4, 8, 8]");
        refused(
                () -> c.pullImages(zeros(1, 4, 8, 7), zeros(4, 3, 3, 3), Shape.of(1, 3, 8, 8)),
                "convolution: cotangent of shape [1, 4, 8, 7], needed [1, 4, 8, 8]");
        refused(
                () -> Convolution.of(0, 1),
                "convolution: stride 0, dilation 1 and groups 1 must be positive, padding 1 not negative");
        refused(() -> Convolution.same(4), "convolution: filters of odd size keep the size of images, not of size 4");
    }

    private static void refused(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static Tensor zeros(int... dims) {
        return Tensor.zeros(DType.F32, Shape.of(dims));
    }

    private static Tensor tensor(double[] v, Shape shape, DType type) {
        return Tensor.of(v, shape.dims()).to(type);
    }

    private static void near(Tensor actual, Shape shape, double[] expected, double tolerance) {
        assertThat(actual.shape()).isEqualTo(shape);
        double scale = Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElse(0));
        assertThat(actual.toDoubles()).containsExactly(expected, within(tolerance * scale));
    }
}
