package dev.canonica.benchmarks;

import ai.djl.ndarray.NDArray;
import dev.canonica.benchmarks.measure.Machine;
import dev.canonica.benchmarks.work.Right;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.kernel.Attention;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.memory.Addresses;
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
 * The kernels of a transformer beside matrix products, in each of our forms and by libtorch, on the sizes of DiT-S/2 at 256² (256 tokens). DJL has no
 * fused attention: libtorch's is put together of two products and a softmax.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelsBenchmark {
    private static final int TOKENS = 256;
    private static final int WIDTH = 384;
    private static final int HEADS = 6;

    @Param({"EMITTED", "VECTOR", "SCALAR", "LIBTORCH"})
    public Implementation implementation;

    private final Attention attention = new Attention(
            1, HEADS, TOKENS, TOKENS, WIDTH / HEADS, 1 / Math.sqrt((double) WIDTH / HEADS), WIDTH, WIDTH, WIDTH);

    private @Nullable Libtorch torch;
    private Runnable softmax;
    private Runnable gelu;
    private Runnable layerNorm;
    private Runnable attended;

    /** Makes the operands and checks every kernel in double precision. */
    private final Addresses at = Addresses.open(); // of all operands, as long as this lives

    @Setup
    public void setUp() {
        implementation.begin();
        Machine.threads(1);
        Tensor scores = Right.normal(0, HEADS, TOKENS, TOKENS); // of every head
        Tensor hidden = Right.normal(1, TOKENS, 4 * WIDTH);
        Tensor q = Right.normal(2, TOKENS, WIDTH);
        Tensor key = Right.normal(3, TOKENS, WIDTH);
        Tensor v = Right.normal(4, TOKENS, WIDTH);
        Tensor weights = scores.to(DType.F64).softmax();
        Tensor activated = hidden.to(DType.F64).map(Unary.EXACT_GELU);
        Tensor normal = Tensor.uninitialised(DType.F64, q.shape());
        Tensor mixed = Tensor.uninitialised(DType.F64, q.shape());
        Tensor s = Tensor.uninitialised(DType.F64, Shape.of(HEADS, TOKENS));
        Tensor q64 = q.to(DType.F64);
        Tensor key64 = key.to(DType.F64);
        Tensor v64 = v.to(DType.F64);
        ScalarKernels.F64.normalize(1e-6, at.of(q64), at.of(normal), at.of(s), TOKENS, WIDTH);
        ScalarKernels.F64.attention(
                attention, new Attention.Operands(at.of(q64), at.of(key64), at.of(v64)), at.of(mixed), at.of(s));
        if (implementation.ours()) {
            Kernels k = Device.cpu().kernels(DType.F32);
            long statistics = at.of(Tensor.zeros(DType.F32, Shape.of(HEADS, TOKENS)));
            long keys = at.of(key);
            long values = at.of(v);
            softmax = ours("softmax", weights, scores, (x, y) -> k.softmax(1, x, y, 0, (long) HEADS * TOKENS, TOKENS));
            gelu = ours("gelu", activated, hidden, (x, y) -> k.unary(Unary.EXACT_GELU, x, y, hidden.size()));
            layerNorm = ours("layerNorm", normal, q, (x, y) -> k.normalize(1e-6, x, y, statistics, TOKENS, WIDTH));
            attended = ours(
                    "attention",
                    mixed,
                    q,
                    (x, y) -> k.attention(attention, new Attention.Operands(x, keys, values), y, statistics));
        } else {
            Libtorch t = Libtorch.open(1);
            torch = t;
            NDArray rows = t.array(scores);
            NDArray wide = t.array(hidden);
            NDArray input = t.array(q);
            NDArray one = t.array(Tensor.full(DType.F32, Shape.of(WIDTH), 1));
            NDArray zero = t.array(Tensor.zeros(DType.F32, Shape.of(WIDTH)));
            NDArray[] heads = {heads(input), heads(t.array(key)), heads(t.array(v))};
            softmax = theirs("softmax", weights, () -> rows.softmax(-1));
            gelu = theirs("gelu", activated, () -> wide.getNDArrayInternal().gelu());
            layerNorm = theirs(
                    "layerNorm",
                    normal,
                    () -> input.getNDArrayInternal()
                            .layerNorm(input, new ai.djl.ndarray.types.Shape(WIDTH), one, zero, 1e-6f)
                            .singletonOrThrow());
            attended = theirs("attention", mixed, () -> attention(heads[0], heads[1], heads[2]));
        }
    }

    /** A kernel from one address to another. */
    @FunctionalInterface
    private interface Kernel {
        void run(long x, long y);
    }

    private Runnable ours(String name, Tensor expected, Tensor x, Kernel kernel) {
        Tensor y = Tensor.zeros(DType.F32, x.shape());
        long from = at.of(x);
        long to = at.of(y);
        Runnable work = () -> kernel.run(from, to);
        work.run();
        Right.check(name, y, expected, 1e-5);
        return work;
    }

    private static Runnable theirs(String name, Tensor expected, Supplier<NDArray> result) {
        Right.check(name, Tensor.of(Libtorch.values(result), expected.shape().dims()), expected, 1e-5);
        return Libtorch.work(result);
    }

    /** [T, H·d] → [H, T, d], a view. */
    private static NDArray heads(NDArray x) {
        return x.reshape(TOKENS, HEADS, WIDTH / HEADS).swapAxes(0, 1);
    }

    private NDArray attention(NDArray q, NDArray k, NDArray v) {
        try (NDArray scores = q.matMul(k.swapAxes(1, 2));
                NDArray scaled = scores.mul(attention.scale());
                NDArray weights = scaled.softmax(-1);
                NDArray mixed = weights.matMul(v);
                NDArray tokens = mixed.swapAxes(0, 1)) {
            return tokens.reshape(TOKENS, WIDTH);
        }
    }

    /** Gives libtorch's arrays back. */
    @TearDown
    public void tearDown() {
        if (torch != null) {
            torch.close();
        }
    }

    /** Rows of one score for each token. */
    @Benchmark
    public void softmax() {
        softmax.run();
    }

    /** Exact, in the layer of four times the width. */
    @Benchmark
    public void gelu() {
        gelu.run();
    }

    /** Without scale and shift; libtorch's with one and zero. */
    @Benchmark
    public void layerNorm() {
        layerNorm.run();
    }

    /** All heads. */
    @Benchmark
    public void attention() {
        attended.run();
    }
}
