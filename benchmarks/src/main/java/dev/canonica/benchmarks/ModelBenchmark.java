package dev.canonica.benchmarks;

import dev.canonica.benchmarks.measure.Machine;
import dev.canonica.benchmarks.work.Works;
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

/**
 * Forward passes of diffusion transformers and of the blocks of Stable Diffusion 2.1's U-Net, twelve tangents and cotangents, and training steps. The same
 * works, in the same words, are what {@code peers/cpu_pytorch.py} compares with PyTorch, by turns and after a check that both give the same.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ModelBenchmark {
    /** In the words of {@link Works#of}. */
    @Param({
        "dit DiT-S/2 1",
        "dit DiT-S/2 8",
        "dit DiT-XL/2 1",
        "dit DiT-XL/2 8",
        "unet 320 64 resnets",
        "unet 320 64 attentions",
        "unet 640 32 resnets",
        "unet 640 32 attentions",
        "unet 1280 16 resnets",
        "unet 1280 16 attentions",
        "unet 1280 8 resnets",
        "push DiT-S/2 12",
        "pull DiT-S/2 12",
        "resnet resnet50 1",
        "resnet resnet50 8",
        "wholeunet 1",
        "traindit",
        "traindit DiT-S/2 8",
        "trainresnet"
    })
    public String work;

    /** One of our forms; plain loops take minutes for a pass, and are left to who asks for them. */
    @Param({"EMITTED", "VECTOR"})
    public Implementation implementation;

    @Param("1")
    public int threads;

    private Runnable run;

    /**
     * Makes the model and its inputs.
     *
     * @throws IllegalArgumentException if the implementation is a peer
     */
    @Setup
    public void setUp() {
        if (!implementation.ours()) {
            throw new IllegalArgumentException(
                    implementation + " has no models here: peers/cpu_pytorch.py compares them");
        }
        implementation.begin();
        Machine.threads(threads);
        run = Works.of(work).run();
    }

    /** One pass, one block of directions, or one step. */
    @Benchmark
    public void run() {
        run.run();
    }
}
