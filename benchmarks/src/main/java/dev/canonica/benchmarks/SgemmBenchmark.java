package dev.canonica.benchmarks;

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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Matrix products beside OpenBLAS. {@link Suite} compares them more closely where the machine is shared: there they take
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
    @Param({
        "256,256,256",
        "1024,1024,1024",
        "2048,2048,2048",
        "256,3456,1152",
        "256,1152,4608",
        "64,768,192",
        "1024,1024,64",
        "1024,1024,1024,t",
        "1024,1024,1024,T"
    })
    public String shape;

    @Param("1")
    public int threads;

    private SgemmProblem problem;

    /** Makes the operands and checks that both results agree. */
    @Setup
    public void setUp() {
        SgemmProblem.threads(threads);
        problem = new SgemmProblem(shape);
    }

    /** Gives the operands back. */
    @TearDown
    public void tearDown() {
        problem.close();
    }

    /** Packed and blocked, with this project's kernels. */
    @Benchmark
    public void canonica() {
        problem.ours();
    }

    /** The peer. */
    @Benchmark
    public void openblas() {
        problem.theirs();
    }
}
