package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Pinned;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.ChannelsLast;
import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.kernel.KernelForm;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.kernel.Window;
import java.util.Arrays;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Convolution and pooling with channels last, beside the same with planes. */
class PixelsTest {
    /** Every way to go: images in place, copied since their rows evict each other, by patches in one block and in several, by tiles. */
    enum Case {
        PIXEL(Convolution.of(1, 0), 1, 1, 1, 1, 1, 1, 1),
        POINTWISE(Convolution.of(1, 0), 3, 5, 7, 9, 4, 1, 1),
        POINTWISE_WIDE(Convolution.of(1, 0), 2, 64, 13, 11, 67, 1, 1),
        POINTWISE_DEEP(Convolution.of(1, 0), 2, 1300, 5, 3, 33, 1, 1),
        POINTWISE_EVICTING(Convolution.of(1, 0), 2, 1024, 7, 7, 35, 1, 1),
        POINTWISE_STRIDED(Convolution.of(2, 0), 2, 33, 7, 8, 40, 1, 1),
        POINTWISE_PADDED(Convolution.of(1, 1), 2, 3, 4, 5, 4, 1, 1),
        SAME(Convolution.same(3), 2, 3, 15, 17, 5, 3, 3),
        SAME_WIDE(Convolution.same(5), 1, 2, 9, 65, 3, 5, 5),
        STRIDED_ODD(Convolution.of(2, 1), 2, 3, 15, 17, 5, 3, 3),
        STRIDED_EVEN(Convolution.of(2, 1), 2, 32, 8, 10, 33, 3, 3),
        STRIDED_DEEP(Convolution.of(2, 1), 3, 300, 9, 7, 34, 3, 3),
        BLOCKS(Convolution.of(2, 3), 2, 3, 101, 99, 20, 7, 7),
        GAPS(Convolution.of(3, 0), 1, 2, 11, 13, 3, 2, 2),
        OBLONG(new Convolution(1, 0, 2, 3, 1, 1, 1), 2, 3, 6, 33, 4, 2, 5),
        VALID(Convolution.of(1, 0), 2, 3, 7, 7, 4, 7, 7),
        FAR_PADDING(Convolution.of(1, 4), 1, 2, 3, 2, 3, 3, 3),
        DILATED(new Convolution(1, 2, 2, 2, 2, 2, 1), 2, 3, 9, 17, 4, 3, 3),
        GROUPED(new Convolution(1, 1, 1, 1, 1, 1, 3), 2, 6, 7, 9, 9, 3, 3),
        TILES(Convolution.same(3), 3, 16, 9, 11, 48, 3, 3),
        TILES_WIDE(new Convolution(1, 0, 2, 2, 0, 1, 1), 1, 32, 7, 71, 16, 3, 3),
        TILES_VALID(Convolution.of(1, 0), 2, 48, 10, 13, 64, 3, 3),
        TILES_FAR_PADDING(Convolution.of(1, 3), 2, 16, 4, 3, 32, 3, 3),
        TILES_MANY(Convolution.same(3), 4, 64, 28, 27, 80, 3, 3),
        TILES_DEEP(Convolution.same(3), 1, 512, 5, 3, 48, 3, 3),
        NO_IMAGES(Convolution.same(3), 0, 3, 5, 5, 4, 3, 3),
        NO_CHANNELS(Convolution.same(3), 2, 0, 5, 5, 4, 3, 3),
        NO_FILTERS(Convolution.same(3), 2, 3, 5, 5, 0, 3, 3);

        final Convolution convolution;
        final Tensor x; // planes, in double precision
        final Tensor w;
        final Tensor bias;
        final Tensor residual;
        final Tensor y;

        Case(Convolution c, int batch, int channels, int height, int width, int outputs, int kh, int kw) {
            convolution = c;
            x = numbers(Shape.of(batch, channels, height, width), 1);
            w = numbers(Shape.of(outputs, channels / c.groups(), kh, kw), 2);
            bias = numbers(Shape.of(outputs), 3);
            y = c.value(x, w, bias);
            residual = numbers(y.shape(), 4);
        }

        private static Tensor numbers(Shape shape, long stream) {
            return Tensor.normal(DType.F64, shape, new Philox(7, stream))
                    .to(DType.F32)
                    .to(DType.F64);
        }

        Tensor pixels() {
            return Pixels.ofPlanes(x.to(DType.F32));
        }

        Tensor filters() {
            return w.to(DType.F32);
        }

        Tensor shift() {
            return bias.to(DType.F32);
        }

        Tensor around() {
            return Pixels.ofPlanes(residual.to(DType.F32));
        }

        Tensor rectified(boolean added) {
            return (added ? y.plus(residual) : y).map(Unary.RELU);
        }
    }

    @ParameterizedTest
    @EnumSource
    void f32IsTheSumOfPlanes(Case c) {
        Tensor x = c.pixels();
        Tensor w = c.filters();
        Tensor b = c.shift();
        Convolution g = c.convolution;
        near(Pixels.convolution(g, x, false, w, b), c.y, 1e-5);
        near(Pixels.convolution(g, x, false, w, null), g.value(c.x, c.w), 1e-5);
        near(Pixels.rectified(g, x, false, w, b, null), c.rectified(false), 1e-5);
        near(Pixels.rectified(g, x, false, w, b, c.around()), c.rectified(true), 1e-5);
        Tensor planes = c.x.to(DType.F32);
        near(Pixels.convolution(g, planes, true, w, b), c.y, 1e-5);
        near(Pixels.rectified(g, planes, true, w, b, c.around()), c.rectified(true), 1e-5);
    }

    @ParameterizedTest
    @EnumSource
    void f64IsTheSumOfPlanes(Case c) {
        Tensor x = Pixels.ofPlanes(c.x);
        near(Pixels.rectified(c.convolution, x, false, c.w, c.bias, Pixels.ofPlanes(c.residual)), c.rectified(true), 0);
        near(Pixels.convolution(c.convolution, x, false, c.w, c.bias), c.y, 0);
    }

    @ParameterizedTest
    @EnumSource
    void adjointIsThatOfPlanes(Case c) {
        Tensor u = Pixels.ofPlanes(c.residual);
        Shape images = Pixels.ofPlanes(c.x).shape();
        Tensor expected = c.convolution.pullImages(c.residual, c.w, c.x.shape());
        near(Pixels.pullImages(c.convolution, u, false, c.w, images), expected, 0);
        Tensor w = c.filters();
        for (int i = 0; i < 3; i++) { // not packed, and packed
            near(Pixels.pullImages(c.convolution, u.to(DType.F32), false, w, images), expected, 1e-5);
            w.reused();
        }
        Tensor planes = Pixels.pullImages(c.convolution, u.to(DType.F32), true, w, c.x.shape());
        near(Pixels.ofPlanes(planes), expected, 1e-5);
    }

    @ParameterizedTest
    @EnumSource
    void scalarTwinOfTheAdjointIsThatOfPlanes(Case c) {
        Filters f = sizes(c);
        Window w = f.window();
        if (!ChannelsLast.suits(f) || w.stride() > 1) {
            return;
        }
        Window back = new Window(
                w.rows(),
                w.columns(),
                w.kernelHeight(),
                w.kernelWidth(),
                1,
                1,
                w.kernelHeight() - 1 - w.top(),
                w.kernelWidth() - 1 - w.left(),
                w.height(),
                w.width());
        ChannelsLast turned =
                new ChannelsLast(new Filters(f.batch(), 1, f.outputs(), f.channels(), back), false, true, false);
        Tensor u = Pixels.ofPlanes(c.residual);
        Tensor x = Tensor.full(DType.F64, Pixels.ofPlanes(c.x).shape(), Double.NaN);
        ScalarKernels.F64.convolutionLast(turned, Pinned.at(u), Pinned.at(c.w), 0, 0, 0, Pinned.at(x));
        near(x, c.convolution.pullImages(c.residual, c.w, c.x.shape()), 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void scalarTwinIsTheSumOfPlanes(Case c) {
        Convolution g = c.convolution;
        Filters f = sizes(c);
        if (!ChannelsLast.suits(f)) {
            return;
        }
        for (Kernels k : new Kernels[] {ScalarKernels.F64, ScalarKernels.F32}) {
            boolean wide = k.bytes() == 8;
            DType type = wide ? DType.F64 : DType.F32;
            Tensor x = Pixels.ofPlanes(c.x.to(type));
            Tensor planes = c.x.to(type);
            Tensor r = Pixels.ofPlanes(c.residual.to(type));
            Tensor w = c.w.to(type);
            Tensor b = c.bias.to(type);
            Tensor y = Tensor.full(type, r.shape(), Double.NaN);
            double tolerance = wide ? 1e-12 : 1e-6;
            k.convolutionLast(
                    new ChannelsLast(f, false, false, true),
                    Pinned.at(x),
                    Pinned.at(w),
                    0,
                    Pinned.at(b),
                    Pinned.at(r),
                    Pinned.at(y));
            near(y, c.rectified(true), tolerance);
            k.convolutionLast(
                    new ChannelsLast(f, true, false, false), Pinned.at(planes), Pinned.at(w), 0, 0, 0, Pinned.at(y));
            near(y, g.value(c.x, c.w), tolerance);
        }
    }

    private static Filters sizes(Case c) {
        Convolution g = c.convolution;
        Shape s = c.x.shape();
        Window window = new Window(
                s.dim(2),
                s.dim(3),
                c.w.dim(2),
                c.w.dim(3),
                g.stride(),
                g.dilation(),
                g.top(),
                g.left(),
                c.y.dim(2),
                c.y.dim(3));
        return new Filters(s.dim(0), g.groups(), c.w.dim(1), c.w.dim(0) / g.groups(), window);
    }

    /** In one pass as one step after the other. */
    @ParameterizedTest
    @EnumSource
    void rectifiedIsTheSumAndItsPositivePart(Case c) {
        Tensor x = c.pixels();
        Tensor w = c.filters();
        Tensor y = Pixels.convolution(c.convolution, x, false, w, c.shift());
        assertThat(Pixels.rectified(c.convolution, x, false, w, c.shift(), null).toFloats())
                .isEqualTo(y.map(Unary.RELU).toFloats());
        assertThat(Pixels.rectified(c.convolution, x, false, w, c.shift(), c.around())
                        .toFloats())
                .isEqualTo(y.plus(c.around()).map(Unary.RELU).toFloats());
    }

    /** Packed or not, alone or in a batch, on any number of threads. */
    @ParameterizedTest
    @EnumSource
    void anImagesOutputsAreTheSameBits(Case c) {
        Tensor x = c.pixels();
        Tensor w = c.filters();
        Tensor r = c.around();
        Supplier<float[]> all =
                () -> Pixels.rectified(c.convolution, x, false, w, c.shift(), r).toFloats();
        float[] expected = Session.current().withThreads(1).call(all::get);
        w.reused();
        for (int threads : new int[] {1, 2, 5, 1}) {
            assertThat(Session.current().withThreads(threads).call(all::get)).isEqualTo(expected);
        }
        for (int i = 0; i < x.dim(0); i++) {
            float[] alone = Pixels.rectified(c.convolution, x.rows(i, i + 1), false, w, c.shift(), r.rows(i, i + 1))
                    .toFloats();
            assertThat(alone).isEqualTo(Arrays.copyOfRange(expected, i * alone.length, (i + 1) * alone.length));
        }
    }

    /** Filters of a single pixel and those by tiles add in the order of planes. */
    @ParameterizedTest
    @EnumSource(
            names = {
                "POINTWISE_WIDE",
                "POINTWISE_DEEP",
                "POINTWISE_EVICTING",
                "POINTWISE_STRIDED",
                "TILES",
                "TILES_VALID",
                "TILES_MANY",
                "TILES_DEEP"
            })
    void someAreTheBitsOfPlanes(Case c) {
        Tensor planes = c.convolution.rectified(c.x.to(DType.F32), c.filters(), c.shift(), c.residual.to(DType.F32));
        Tensor pixels = Pixels.rectified(c.convolution, c.pixels(), false, c.filters(), c.shift(), c.around());
        assertThat(pixels.toFloats()).isEqualTo(Pixels.ofPlanes(planes).toFloats());
    }

    @Test
    void whatIsNotFiniteStaysSo() {
        Tensor x =
                Tensor.of(new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f}, 1, 2, 2, 1);
        Tensor w = Tensor.of(new float[] {1}, 1, 1, 1, 1);
        Tensor zero = Tensor.of(new float[] {-0f}, 1);
        assertThat(Pixels.rectified(Convolution.of(1, 0), x, false, w, zero, null)
                        .toFloats())
                .isEqualTo(new float[] {Float.NaN, Float.POSITIVE_INFINITY, 0, 0});
    }

    @ParameterizedTest
    @EnumSource(KernelForm.class)
    void everyFormHasThem(KernelForm form) {
        Case c = Case.TILES;
        Session.current().withDevice(Device.cpu(form)).run(() -> {
            Device device = Session.current().device();
            Tensor y = Pixels.rectified(
                    c.convolution,
                    c.pixels().to(device),
                    false,
                    c.filters().to(device),
                    c.shift().to(device),
                    c.around().to(device));
            near(y, c.rectified(true), 1e-5);
            Tensor pooled = Pixels.max(new PoolWindow(3, 2, 1), c.pixels().to(device));
            assertThat(Pixels.toPlanes(pooled).toFloats())
                    .isEqualTo(new PoolWindow(3, 2, 1).max(c.x.to(DType.F32)).toFloats());
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void maxIsThatOfPlanes(int size) {
        for (int padding = 0; padding < size; padding++) {
            for (int stride = 1; stride < 4; stride++) {
                PoolWindow pool = new PoolWindow(size, stride, padding);
                Tensor x = Tensor.normal(DType.F32, Shape.of(2, 19, 11, 9), new Philox(3));
                x = Tensor.concatenate(0, x, x.plus(-5), x.map(Unary.LOG));
                Tensor y = Pixels.max(pool, Pixels.ofPlanes(x));
                assertThat(Pixels.toPlanes(y).toFloats()).isEqualTo(pool.max(x).toFloats());
                Tensor twin = Tensor.full(DType.F32, y.shape(), 0);
                Window w = pool.window(x.shape());
                ScalarKernels.F32.maxPixels(w, Pinned.at(Pixels.ofPlanes(x)), Pinned.at(twin), x.dim(0), x.dim(1));
                assertThat(twin.toFloats()).isEqualTo(y.toFloats());
            }
        }
    }

    @Test
    void errorsSayWhatDoesNotFit() {
        Tensor w = Tensor.zeros(DType.F32, Shape.of(4, 3, 3, 3));
        Tensor b = Tensor.zeros(DType.F32, Shape.of(4));
        Convolution c = Convolution.same(3);
        Tensor x = Tensor.zeros(DType.F32, Shape.of(2, 5, 6, 3));
        assertThatThrownBy(() -> Pixels.convolution(c, Tensor.zeros(DType.F32, Shape.of(2, 3)), false, w, b))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("channels last: images [B, H, W, C] needed, not [2, 3]");
        assertThatThrownBy(() -> Pixels.rectified(c, x, false, w, b, x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("convolution: residual [2, 5, 6, 3], needed [2, 5, 6, 4]");
        assertThatThrownBy(() -> Pixels.convolution(c, x, false, w, Tensor.zeros(DType.F32, Shape.of(3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("convolution: bias [3] for filters [4, 3, 3, 3]");
    }

    /** Beside planes: the greatest difference, of the greatest element. */
    private static void near(Tensor pixels, Tensor planes, double tolerance) {
        assertThat(pixels.shape()).isEqualTo(Pixels.ofPlanes(planes).shape());
        double[] expected = Pixels.ofPlanes(planes).toDoubles();
        double[] actual = pixels.toDoubles();
        double greatest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length; i++) {
            assertThat(Math.abs(actual[i] - expected[i])).as("element %d", i).isLessThanOrEqualTo(tolerance * greatest);
        }
    }
}
