package dev.canonica.benchmarks;

import dev.canonica.benchmarks.measure.Machine;
import dev.canonica.benchmarks.work.ShippedModel;
import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.clarid.RandomizedSvd;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * The n leading singular triples of the shipped model's Jacobian at an image's latent, to a residual of 10⁻³, with the linearisation; at the
 * end it prints how many products that took.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class JacobianSvdBenchmark {
    @Param("10")
    public int rank;

    @Param({"blocks.2", "blocks.3"})
    public String layer;

    @Param("0.48")
    public double te;

    @Param("1")
    public int threads;

    private ShippedModel shipped;
    private CanonicalExtraction extraction;
    private Tensor latent;
    private RandomizedSvd.@Nullable Result result;

    /** Inverts the image. */
    @Setup
    public void setUp() {
        Machine.threads(threads);
        shipped = new ShippedModel(0);
        extraction = shipped.extraction(layer, te, RandomizedSvd.ofRank(rank));
        latent = shipped.latent(extraction);
    }

    /** Linearisation and decomposition. */
    @Benchmark
    public void svd() {
        RandomizedSvd.Result r = extraction.directions(latent, shipped.condition());
        result = r;
        if (!r.samples().getFirst().converged(extraction.svd().tolerance())) {
            throw new IllegalStateException("the singular vectors have not converged");
        }
    }

    /** Prints the products. */
    @TearDown(Level.Trial)
    public void report() {
        RandomizedSvd.Result last = Objects.requireNonNull(result, "no decomposition was made");
        System.out.printf(
                Locale.ROOT,
                "%n%s, n = %d: %d products in %d sweeps, greatest residual %.1e%n",
                layer,
                rank,
                last.products(),
                last.sweeps(),
                Arrays.stream(last.samples().getFirst().residual()).max().orElseThrow());
    }
}
