package dev.canonica.benchmarks;

import ai.djl.ndarray.NDArray;
import dev.canonica.benchmarks.measure.Machine;
import dev.canonica.benchmarks.work.Right;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import dev.canonica.tensor.operation.Pixels;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 3×3 convolution, in each of our forms and by libtorch, and its adjoints; beside them the matrix product of the same sizes: what convolution could at best take if the patches of
 * the images were there already.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ConvolutionBenchmark {
    /** Layers of residual networks and of the UNets of diffusion models. */
    public enum Layer {
        RESNET_56(1, 64, 56, 64, 1),
        RESNET_28_DOWN(1, 128, 56, 256, 2),
        RESNET_14(4, 256, 14, 256, 1),
        RESNET_7(4, 512, 7, 512, 1),
        UNET_32(1, 320, 32, 320, 1),
        UNET_8(1, 1280, 8, 1280, 1);

        private final int batch;
        private final int channels;
        private final int size;
        private final int filters;
        private final int stride;

        Layer(int batch, int channels, int size, int filters, int stride) {
            this.batch = batch;
            this.channels = channels;
            this.size = size;
            this.filters = filters;
            this.stride = stride;
        }

        private Tensor images() {
            return Right.normal(0, batch, channels, size, size);
        }

        private Tensor filters() {
            return Right.normal(1, filters, channels, 3, 3);
        }
    }

    /** The value, in each of our forms and by libtorch. */
    @State(Scope.Benchmark)
    public static class Value {
        @Param
        public Layer layer;

        @Param({"EMITTED", "VECTOR", "SCALAR", "LIBTORCH"})
        public Implementation implementation;

        private @Nullable Libtorch torch;
        private Runnable work;

        /** Makes the operands and checks the result in double precision. */
        @Setup
        public void setUp() {
            implementation.begin();
            Machine.threads(1);
            Convolution convolution = Convolution.of(layer.stride, 1);
            Tensor x = layer.images();
            Tensor w = layer.filters();
            Tensor expected = convolution.value(x.to(DType.F64), w.to(DType.F64));
            if (implementation.ours()) {
                Right.check("convolution", convolution.value(x, w), expected, 1e-5);
                work = () ->
                        convolution.value(x, w).close(); // so that its memory is used again and no collection is timed
            } else {
                Libtorch t = Libtorch.open(1);
                torch = t;
                Supplier<NDArray> value = t.convolution(x, w, layer.stride, 1);
                Tensor y = Tensor.of(Libtorch.values(value), expected.shape().dims());
                Right.check("libtorch's convolution", y, expected, 1e-5);
                work = Libtorch.work(value);
            }
        }

        /** Gives libtorch's arrays back. */
        @TearDown
        public void tearDown() {
            if (torch != null) {
                torch.close();
            }
        }
    }

    /** What the adjoints and the yardstick need. */
    @State(Scope.Benchmark)
    public static class Adjoints {
        @Param
        public Layer layer;

        private Convolution convolution;
        private Tensor x;
        private Tensor w;
        private Tensor u;
        private Tensor matrix;
        private Tensor patches;

        /** Makes the operands and checks both adjoints in double precision. */
        @Setup
        public void setUp() {
            convolution = Convolution.of(layer.stride, 1);
            x = layer.images();
            w = layer.filters();
            Tensor y = convolution.value(x, w);
            u = Right.normal(2, y.shape().dims());
            matrix = w.reshape(layer.filters, -1);
            patches = Right.normal(3, matrix.dim(1), Math.toIntExact(y.size() / layer.filters));
            Tensor x64 = x.to(DType.F64);
            Tensor w64 = w.to(DType.F64);
            Tensor u64 = u.to(DType.F64);
            Right.check(
                    "pullImages",
                    convolution.pullImages(u, w, x.shape()),
                    convolution.pullImages(u64, w64, x.shape()),
                    1e-5);
            Right.check(
                    "pullFilters",
                    convolution.pullFilters(x, u, w.shape()),
                    convolution.pullFilters(x64, u64, w.shape()),
                    1e-5);
        }
    }

    /** Inference: filters kept packed, a bias, a residual and the positive part. */
    @State(Scope.Benchmark)
    public static class Inference {
        @Param
        public Layer layer;

        private Convolution convolution;
        private Tensor x;
        private Tensor w;
        private Tensor bias;
        private Tensor residual;
        private Tensor pixels;
        private Tensor around;

        /** Makes the operands and checks both forms in double precision. */
        @Setup
        public void setUp() {
            Machine.threads(1);
            convolution = Convolution.of(layer.stride, 1);
            x = layer.images();
            w = layer.filters().reused();
            bias = Right.normal(2, layer.filters);
            residual = Right.normal(3, convolution.value(x, w).shape().dims());
            pixels = Pixels.ofPlanes(x);
            around = Pixels.ofPlanes(residual);
            Tensor expected =
                    convolution.rectified(x.to(DType.F64), w.to(DType.F64), bias.to(DType.F64), residual.to(DType.F64));
            Right.check("planes", convolution.rectified(x, w, bias, residual), expected, 1e-5);
            Right.check(
                    "channels last",
                    Pixels.toPlanes(Pixels.rectified(convolution, pixels, false, w, bias, around)),
                    expected,
                    1e-5);
        }
    }

    /** A layer of a residual network in use, its images in planes. */
    @Benchmark
    public void planes(Inference s) {
        s.convolution.rectified(s.x, s.w, s.bias, s.residual).close();
    }

    /** The same with channels last. */
    @Benchmark
    public void channelsLast(Inference s) {
        Pixels.rectified(s.convolution, s.pixels, false, s.w, s.bias, s.around).close();
    }

    /** One layer. */
    @Benchmark
    public void value(Value s) {
        s.work.run();
    }

    /** The adjoint by the images. */
    @Benchmark
    public void pullImages(Adjoints s) {
        s.convolution.pullImages(s.u, s.w, s.x.shape()).close();
    }

    /** The adjoint by the filters. */
    @Benchmark
    public void pullFilters(Adjoints s) {
        s.convolution.pullFilters(s.x, s.u, s.w.shape()).close();
    }

    /** The yardstick: filters times patches that are there already. */
    @Benchmark
    public void matrixProduct(Adjoints s) {
        s.matrix.matmul(s.patches).close();
    }
}
