package dev.canonica.benchmarks;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Probe;
import dev.canonica.models.diffusion.Prediction;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.training.DiffusionTrainer;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.TrainingSettings;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.Workers;
import java.util.Arrays;
import java.util.List;
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

/** Diffusion transformers: forward, a training step, and a block of tangents and cotangents. {@code peers/dit_pytorch.py} times the same. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class DitBenchmark {
    private static final int CLASSES = 10;
    private static final int DIRECTIONS = 12;
    private static final int TRAINING_BATCH = 64;

    private static Dit small() {
        return Dit.initialised(new DitConfig(32, 4, 3, 192, 5, 3, 4, 0.1, CLASSES, false), 0);
    }

    /** Random weights throughout, since a fresh DiT's last layer and gates are zero. */
    private static Dit filled(Dit model) {
        model.parameters().forEach((name, t) -> {
            if (!name.equals("pos_embed")) {
                t.assign(Tensor.normal(DType.F32, t.shape(), new Philox(name.hashCode()))
                        .affine(0.02, 0));
            }
        });
        return model;
    }

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
            dit = filled(Dit.initialised(DitConfig.preset(model, 32, 4, 1000, true), 0));
            x = Var.constant(Tensor.normal(DType.F32, dit.sampleShape().prepend(batch), new Philox(1)));
            t = new double[batch];
            y = new long[batch];
            Arrays.fill(t, 500);
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
            Dit dit = filled(small());
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
            Dit dit = small();
            int pixels = Math.toIntExact(dit.sampleShape().size());
            float[] image =
                    Tensor.normal(DType.F32, dit.sampleShape(), new Philox(5)).toFloats();
            ImageSource source = new ImageSource() {
                @Override
                public int size() {
                    return 10 * TRAINING_BATCH;
                }

                @Override
                public int label(int i) {
                    return i % CLASSES;
                }

                @Override
                public void copy(int i, float[] target, int offset) {
                    System.arraycopy(image, 0, target, offset, pixels);
                }
            };
            trainer = new DiffusionTrainer(
                    dit,
                    List.of("pos_embed"),
                    SamplerConfig.COSINE_V.noiseSchedule(),
                    Prediction.of("v_prediction"),
                    source,
                    new TrainingSettings(TRAINING_BATCH, 1_000_000, 1e-4, 1e-5, 10, 0.01, 1, 0.999, 0.1, false, 0));
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
