package dev.canonica.benchmarks;

import dev.canonica.tensor.kernel.ScalarKernels;
import java.util.concurrent.TimeUnit;
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
 * Matrix products in each of our forms, by OpenBLAS and by libtorch. {@link Suite} compares them more closely where the machine is shared: there they take
 * turns of a few milliseconds.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SgemmBenchmark {
    @Param
    public GemmShape shape;

    @Param
    public Implementation implementation;

    @Param("1")
    public int threads;

    private SgemmProblem problem;
    private @Nullable Libtorch torch;
    private Runnable product;

    /** Makes the operands and checks that all results agree. */
    @Setup
    public void setUp() {
        implementation.begin();
        SgemmProblem.threads(threads);
        problem = new SgemmProblem(shape.text());
        product = switch (implementation) {
            case EMITTED, VECTOR -> problem::ours;
            case SCALAR -> () -> problem.ours(ScalarKernels.F32);
            case OPENBLAS -> problem::theirs;
            case LIBTORCH -> problem.libtorch(torch = Libtorch.open(threads));
        };
    }

    /** Gives the operands back. */
    @TearDown
    public void tearDown() {
        problem.close();
        if (torch != null) {
            torch.close();
        }
    }

    /** C = op(A) op(B). */
    @Benchmark
    public void product() {
        product.run();
    }
}
