package dev.canonica.benchmarks;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Probe;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.training.DiffusionTrainer;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.Workers;
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

/** Diffusion transformers: forward, a training step, and a block of tangents and cotangents. {@code peers/cpu_pytorch.py} compares the same with PyTorch. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DitBenchmark {
    private static final int DIRECTIONS = 12;
    private static final int TRAINING_BATCH = 64;

    /** DiT-S/2 on 32 × 32 × 4 latents. */
    @State(Scope.Benchmark)
    public static class Forward {
        @Param({"1", "8"})
        public int batch;

        @Param("DiT-S/2")
        public String model;

        @Param("1")
        public int threads;

        private Dit dit;
        private Var x;
        private double[] t;
        private long[] y;

        /** Makes the model and its inputs. */
        @Setup
        public void setUp() {
            Workers.setThreads(threads);
            dit = Models.dit(model);
            x = Var.constant(Tensor.normal(DType.F32, dit.sampleShape().prepend(batch), new Philox(1)));
            t = Models.timesteps(batch);
            y = new long[batch];
        }
    }

    /** The small model of the demonstration, at one image. */
    @State(Scope.Benchmark)
    public static class Directions {
        @Param("1")
        public int threads;

        private Linearization at;
        private Tensor tangents;
        private Tensor cotangents;

        /** Linearises blocks.3. */
        @Setup
        public void setUp() {
            Workers.setThreads(threads);
            Dit dit = Models.filled(Models.small());
            Shape one = dit.sampleShape().prepend(1);
            at = Autodiff.linearize(
                    v -> dit.features(v, new double[] {500}, new long[] {3}, "blocks.3"),
                    Tensor.normal(DType.F32, one, new Philox(2)));
            tangents = Tensor.normal(DType.F32, one.prepend(DIRECTIONS), new Philox(3));
            cotangents = Tensor.normal(DType.F32, at.value().shape().prepend(DIRECTIONS), new Philox(4));
        }
    }

    /** The small model, in training on 64 random images a step. */
    @State(Scope.Benchmark)
    public static class Training {
        @Param("1")
        public int threads;

        private DiffusionTrainer trainer;

        /** Makes images and trainer. */
        @Setup
        public void setUp() {
            Workers.setThreads(threads);
            trainer = Models.trainer(TRAINING_BATCH);
        }
    }

    /** The output. */
    @Benchmark
    public Tensor forward(Forward s) {
        return s.dit.features(s.x, s.t, s.y, Probe.OUTPUT).value();
    }

    /** J v for twelve tangents. */
    @Benchmark
    public Tensor push(Directions s) {
        return s.at.push(s.tangents);
    }

    /** Jᵀ u for twelve cotangents. */
    @Benchmark
    public Tensor pull(Directions s) {
        return s.at.pull(s.cotangents)[0];
    }

    /** Draws a batch, differentiates, and updates parameters and moving average. */
    @Benchmark
    public DiffusionTrainer.Progress trainingStep(Training s) {
        return s.trainer.next();
    }
}
