package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.learning.Trainer;
import dev.canonica.models.Classifier;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.models.training.ClassificationObjective;
import dev.canonica.models.training.DiffusionTraining;
import dev.canonica.models.training.ImageSource;
import dev.canonica.models.training.LabelledImages;
import dev.canonica.models.training.TrainingSettings;
import dev.canonica.models.unet.Unet2d;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import dev.canonica.tensor.operation.Pixels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What passes, products with Jacobians, decompositions and training steps ask of the kernels, which no load of the machine changes: calls, products and their multiply-adds, blocks of memory and
 * their bytes. More than 2 % above is a loss to be explained, more than 2 % below a gain to be written down here.
 */
class OperationCountsTest {
    private static final int WARM = 3; // what is packed for further use is packed by then
    private static final double TOLERANCE = 2;

    @TempDir
    private Path temp;

    /**
     * What was counted.
     *
     * @param calls of kernels: passes over memory
     * @param products calls that multiply matrices
     * @param blocks of memory that were asked for
     */
    record Counts(long calls, long products, long multiplyAdds, long blocks, long bytes) {}

    enum Work {
        DIT_FORWARD(Works::ditForward, new Counts(66, 23, 2_959_872, 80, 313_888)),
        UNET_FORWARD(Works::unetForward, new Counts(248, 99, 181_043_200, 330, 3_609_360)),
        RESNET_FORWARD(Works::resnetForward, new Counts(Works.resnetCalls(), 18, 13_993_984, 20, 741_456)),
        LINEARISATION(Works::linearisation, new Counts(64, 21, 1_466_112, 81, 186_264)),
        PUSH_ONE(() -> Works.directions(1, false), new Counts(29, 16, 1_520_640, 29, 132_864)),
        PUSH(() -> Works.directions(8, false), new Counts(29, 16, 11_907_072, 29, 1_062_912)),
        PULL(() -> Works.directions(8, true), new Counts(44, 16, 11_907_072, 44, 1_634_304)),
        SVD(Works::svd, new Counts(516, 213, 55_324_416, 545, 6_361_068)),
        DIT_STEP(Works::ditStep, new Counts(481, 64, 17_820_672, 364, 3_254_260)),
        RESNET_STEP(Works::resnetStep, new Counts(668, 53, 83_521_536, 490, 13_148_860));

        private final Supplier<Runnable> work;
        private final Counts counts;

        Work(Supplier<Runnable> work, Counts counts) {
            this.work = work;
            this.counts = counts;
        }
    }

    @ParameterizedTest
    @EnumSource
    void workIsWhatItWas(Work w) {
        Counts found = Session.current().withThreads(1).call(() -> count(w.work.get()));
        near(w + ": calls of kernels", found, found.calls, w.counts.calls);
        near(w + ": products", found, found.products, w.counts.products);
        near(w + ": multiply-adds", found, found.multiplyAdds, w.counts.multiplyAdds);
        near(w + ": blocks of memory", found, found.blocks, w.counts.blocks);
        near(w + ": bytes", found, found.bytes, w.counts.bytes);
    }

    private static void near(String what, Counts all, long found, long expected) {
        assertThat(found).as("%s (all: %s)", what, all).isCloseTo(expected, Percentage.withPercentage(TOLERANCE));
    }

    private Counts count(Runnable work) {
        for (int i = 0; i < WARM; i++) {
            work.run();
        }
        Path file = temp.resolve("counts.jfr");
        List<RecordedEvent> events;
        try (Recording recording = new Recording()) {
            recording.enable("dev.canonica.Kernel");
            recording.enable("dev.canonica.Allocation");
            recording.start();
            work.run();
            recording.stop();
            recording.dump(file);
            events = RecordingFile.readAllEvents(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        long calls = 0;
        long products = 0;
        long multiplyAdds = 0;
        long blocks = 0;
        long bytes = 0;
        for (RecordedEvent e : events) {
            if (e.getEventType().getName().equals("dev.canonica.Kernel")) {
                calls++;
                long n = e.getLong("multiplyAdds");
                products += n > 0 ? 1 : 0;
                multiplyAdds += n;
            } else if (e.getEventType().getName().equals("dev.canonica.Allocation")) {
                blocks++;
                bytes += e.getLong("size");
            }
        }
        return new Counts(calls, products, multiplyAdds, blocks, bytes);
    }

    /** The works at small sizes. */
    private static final class Works {
        private static final int BATCH = 4;

        private Works() {}

        private static Dit dit() {
            Dit dit = Dit.initialised(new DitConfig(8, 2, 3, 48, 3, 3, 4, 0.1, 10, false), 1);
            dit.parameters()
                    .forEach((name, t) -> t.assign(Tensor.normal(DType.F32, t.shape(), new Philox(name.hashCode()))
                            .times(0.1)));
            return dit;
        }

        private static Runnable scoped(Runnable work) {
            return () -> {
                try (Scope _ = Scope.open()) {
                    work.run();
                }
            };
        }

        private static Tensor images(int count, int side) {
            return Tensor.normal(DType.F32, Shape.of(count, 3, side, side), new Philox(1));
        }

        static Runnable ditForward() {
            return forward(dit(), Condition.classes(0, 1), Probe.OUTPUT);
        }

        static Runnable unetForward() {
            Unet2d unet = Unet2d.initialised(Unet2d.small(8, 3, 0, false), 1);
            return forward(unet, Condition.none(2), Probe.OUTPUT);
        }

        private static Runnable forward(DenoisingModel model, Condition condition, String layer) {
            Var x = Var.constant(images(2, 8));
            return scoped(() -> model.features(x, DenoisingModel.times(100, 800), condition, layer));
        }

        private static ResNet resnet() {
            return ResNet.initialised(
                    ResNetConfig.of(
                            ResNetConfig.Block.BOTTLENECK, List.of(1, 1, 1, 1), 10, 16, ResNetConfig.Stem.CIFAR),
                    1);
        }

        /** With channels last the residual and the positive part are no passes of their own. */
        static int resnetCalls() {
            return Pixels.suits(images(1, 16), Convolution.of(1, 0)) ? 20 : 33;
        }

        static Runnable resnetForward() {
            Classifier frozen = resnet().frozen();
            Var x = Var.constant(images(2, 16));
            return scoped(() -> frozen.features(x, Probe.OUTPUT));
        }

        private static Linearization linearize(Dit dit, Tensor x) {
            return Autodiff.linearize(
                    v -> dit.features(v, DenoisingModel.times(300), Condition.classes(0), "blocks.2"), x);
        }

        static Runnable linearisation() {
            Dit dit = dit();
            Tensor x = images(1, 8);
            return scoped(() -> linearize(dit, x));
        }

        static Runnable directions(int count, boolean pull) {
            Tensor x = images(1, 8);
            Linearization at = linearize(dit(), x);
            Shape side = pull ? at.value().shape() : x.shape();
            Tensor d = Tensor.normal(DType.F32, side.prepend(count), new Philox(2));
            return scoped(() -> {
                Object _ = pull ? at.pull(d) : at.push(d);
            });
        }

        static Runnable svd() {
            Dit dit = dit();
            Tensor x = images(1, 8);
            return scoped(() ->
                    new RandomizedSvd(4, 2, 3, 0, 0, 1).solve(LinearOperator.jacobian(linearize(dit, x), x.shape())));
        }

        private static ImageSource source() {
            return ImageSource.of(20, Shape.of(3, 8, 8), i -> i % 10, (i, out, offset) -> {
                for (int p = 0; p < 3 * 8 * 8; p++) {
                    out[offset + p] = (i * 31 + p) % 17 / 8f - 1;
                }
            });
        }

        static Runnable ditStep() {
            Trainer<?> trainer = DiffusionTraining.trainer(
                    dit(),
                    SamplerConfig.COSINE_V,
                    source(),
                    new TrainingSettings(BATCH, 1000, 1e-4, 1e-5, 10, 0.01, 1, 0.999, 0.1, false, 0));
            return trainer::next;
        }

        static Runnable resnetStep() {
            Tensor x = images(BATCH, 16);
            Tensor y = Tensor.of(new long[] {0, 1, 2, 3}, BATCH);
            Trainer<LabelledImages> trainer = Trainer.of(
                            new ClassificationObjective(resnet()), _ -> new LabelledImages(x, y))
                    .rate(LearningRate.constant(1e-3))
                    .with(w -> new Sgd(w, 0.9, false, 5e-4));
            return trainer::next;
        }
    }
}
