package dev.canonica.benchmarks;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Attention;
import dev.canonica.tensor.kernel.Kernels;
import dev.canonica.tensor.kernel.ScalarKernels;
import dev.canonica.tensor.kernel.Unary;
import dev.canonica.tensor.vector.VectorKernels;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/** The kernels of a transformer beside matrix products, SIMD against their scalar twins, on the sizes of DiT-S/2 at 256² (256 tokens). */
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

    /** Two implementations of the same kernels. */
    public enum Implementation {
        SIMD(new VectorKernels()),
        SCALAR(ScalarKernels.F32);

        private final Kernels kernels;

        Implementation(Kernels kernels) {
            this.kernels = kernels;
        }
    }

    @Param
    public Implementation implementation;

    private final Attention attention = new Attention(
            1, HEADS, TOKENS, TOKENS, WIDTH / HEADS, 1 / Math.sqrt((double) WIDTH / HEADS), WIDTH, WIDTH, WIDTH);

    private Kernels k;
    private Tensor scores; // of every head
    private Tensor scoresOut;
    private Tensor hidden; // four times the width
    private Tensor hiddenOut;
    private Tensor q;
    private Tensor key;
    private Tensor v;
    private Tensor out;
    private Tensor statistics;

    /** Makes the operands and checks every kernel in double precision. */
    @Setup
    public void setUp() {
        k = implementation.kernels;
        scores = Right.normal(0, HEADS, TOKENS, TOKENS);
        scoresOut = like(scores);
        hidden = Right.normal(1, TOKENS, 4 * WIDTH);
        hiddenOut = like(hidden);
        q = Right.normal(2, TOKENS, WIDTH);
        key = Right.normal(3, TOKENS, WIDTH);
        v = Right.normal(4, TOKENS, WIDTH);
        out = like(q);
        statistics = Tensor.zeros(DType.F32, Shape.of(HEADS, TOKENS));
        softmax();
        Right.check("softmax", scoresOut, scores.to(DType.F64).softmax(), 1e-6);
        gelu();
        Right.check("gelu", hiddenOut, hidden.to(DType.F64).map(Unary.GELU), 1e-6);
        layerNorm();
        Tensor reference = Tensor.uninitialised(DType.F64, q.shape());
        Tensor s = Tensor.uninitialised(DType.F64, Shape.of(HEADS, TOKENS));
        Tensor q64 = q.to(DType.F64);
        Tensor key64 = key.to(DType.F64);
        Tensor v64 = v.to(DType.F64);
        ScalarKernels.F64.normalize(1e-6, q64.address(), reference.address(), s.address(), TOKENS, WIDTH);
        Right.check("layerNorm", out, reference, 1e-5);
        attention();
        ScalarKernels.F64.attention(
                attention, q64.address(), key64.address(), v64.address(), reference.address(), s.address());
        Right.check("attention", out, reference, 1e-5);
    }

    private static Tensor like(Tensor x) {
        return Tensor.zeros(x.dtype(), x.shape());
    }

    /** Rows of one score for each token. */
    @Benchmark
    public void softmax() {
        k.softmax(1, scores.address(), scoresOut.address(), 0, (long) HEADS * TOKENS, TOKENS);
    }

    /** In the layer of four times the width. */
    @Benchmark
    public void gelu() {
        k.unary(Unary.GELU, hidden.address(), hiddenOut.address(), hidden.size());
    }

    /** Without scale and shift. */
    @Benchmark
    public void layerNorm() {
        k.normalize(1e-6, q.address(), out.address(), statistics.address(), TOKENS, WIDTH);
    }

    /** All heads. */
    @Benchmark
    public void attention() {
        k.attention(attention, q.address(), key.address(), v.address(), out.address(), statistics.address());
    }
}
