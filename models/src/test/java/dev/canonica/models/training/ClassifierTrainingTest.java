package dev.canonica.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.LearningRate;
import dev.canonica.autodiff.optim.Sgd;
import dev.canonica.learning.Augmentation;
import dev.canonica.learning.Cadence;
import dev.canonica.learning.Trainer;
import dev.canonica.learning.TrainingRun;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.family.ModelDirectory;
import dev.canonica.models.resnet.BatchNorm;
import dev.canonica.models.resnet.ResNet;
import dev.canonica.models.resnet.ResNetConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A residual network learns, keeps its running statistics, is saved, and goes on where it was stopped. */
class ClassifierTrainingTest {
    private static final ResNetConfig CONFIG =
            ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1, 1), 2, 4, ResNetConfig.Stem.CIFAR);
    private static final int BATCH = 5;
    private static final int STEPS = 6;

    @TempDir
    private Path temp;

    /** Noise, brighter above in images of one class and below in those of the other. */
    private static final ImageSource IMAGES = new ImageSource() {
        @Override
        public int size() {
            return 23;
        }

        @Override
        public Shape shape() {
            return Shape.of(3, 8, 8);
        }

        @Override
        public int label(int i) {
            return i % 2;
        }

        @Override
        public void copy(int i, float[] out, int offset) {
            Philox noise = new Philox(9, i);
            for (int p = 0; p < 3 * 8 * 8; p++) {
                boolean above = p / 8 % 8 < 4;
                out[offset + p] = 0.3f * (float) noise.normal(p) + (above == (i % 2 == 0) ? 0.5f : -0.5f);
            }
        }
    };

    private static Trainer<LabelledImages> trainer(ResNet net, Augmentation augmentation) {
        return Trainer.of(new ClassificationObjective(net), new LabelledBatches(IMAGES, BATCH, 1, augmentation))
                .rate(LearningRate.constant(0.05))
                .with(w -> new Sgd(w, 0.9, false, 5e-4));
    }

    /** As anybody would write it by hand. */
    @Test
    void takesTheStepsThatALoopWould() {
        ResNet byHand = ResNet.initialised(CONFIG, 3);
        Sgd sgd = new Sgd(byHand.parameters(), 0.9, false, 5e-4);
        ResNet net = ResNet.initialised(CONFIG, 3);
        Trainer<LabelledImages> trainer = trainer(net, Augmentation.NONE);
        for (int step = 0; step < STEPS; step++) {
            LabelledImages b = new LabelledBatches(IMAGES, BATCH, 1, Augmentation.NONE).at(step);
            BatchNorm.Training norm = BatchNorm.training();
            Autodiff.NamedGradients g = Autodiff.grad(
                    w -> Losses.crossEntropy(
                            byHand.forward(Weights.of(w), Var.constant(b.x()), Probe.OUTPUT, norm), b.y()),
                    byHand.parameters());
            sgd.step(g.gradients(), 0.05, 1);
            Map<String, Tensor> running = norm.updated(byHand.buffers());
            byHand.buffers().forEach((name, t) -> t.assign(Objects.requireNonNull(running.get(name))));
            assertThat(trainer.next().loss()).isEqualTo(g.value().item());
        }
        assertThat(values(net)).isEqualTo(values(byHand));
        assertThat(values(net)).isNotEqualTo(values(ResNet.initialised(CONFIG, 3)));
    }

    private static Map<String, List<Float>> values(ResNet net) {
        Map<String, List<Float>> values = new LinkedHashMap<>();
        Map<String, Tensor> all = new LinkedHashMap<>(net.parameters());
        all.putAll(net.buffers());
        all.forEach((name, t) -> {
            float[] v = t.toFloats();
            Float[] boxed = new Float[v.length];
            Arrays.setAll(boxed, i -> v[i]);
            values.put(name, List.of(boxed));
        });
        return values;
    }

    private static TrainingRun run(ResNet net, Path out, long steps) {
        return new TrainingRun(
                        trainer(net, Augmentation.padAndCrop(1, 0).then(Augmentation.mirror())),
                        out.resolve("state"),
                        steps)
                .saving(Cadence.everySteps(4))
                .publishing(s -> ModelDirectory.save(out, net, Optional.empty(), s.weights(), Map.of()));
    }

    @Test
    void goesOnWithItsStatisticsAndIsReadAgain() throws Exception {
        Path whole = Files.createDirectories(temp.resolve("whole"));
        ResNet net = ResNet.initialised(CONFIG, 3);
        run(net, whole, STEPS).run();
        Path stopped = Files.createDirectories(temp.resolve("stopped"));
        run(ResNet.initialised(CONFIG, 3), stopped, 4).run();
        run(ResNet.initialised(CONFIG, 3), stopped, STEPS).run();
        for (String file : List.of("state", "model.safetensors", "config.json")) {
            assertThat(stopped.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
        }
        ResNet read = (ResNet) ModelDirectory.classifier(stopped, DType.F32).orElseThrow();
        assertThat(values(read)).isEqualTo(values(net));
        assertThat(net.buffers().get("bn1.running_var").toDoubles()).doesNotContain(1.0);
    }

    @Test
    void learns() {
        ResNet net = ResNet.initialised(CONFIG, 3);
        Trainer<LabelledImages> trainer = trainer(net, Augmentation.mirror());
        for (int step = 0; step < 60; step++) {
            trainer.next();
        }
        try (Scope scope = Scope.open()) {
            LabelledImages all = new LabelledBatches(IMAGES, 23, 1, Augmentation.NONE).at(0);
            float[] logits =
                    net.features(Var.constant(all.x()), Probe.OUTPUT).value().toFloats();
            long[] y = all.y().toLongs();
            for (int i = 0; i < y.length; i++) {
                assertThat(logits[2 * i + 1] > logits[2 * i] ? 1 : 0).isEqualTo((int) y[i]);
            }
        }
    }

    /** A batch is a function of its step, and an image's change one of its epoch. */
    @Test
    void batchesAreFunctionsOfTheStep() {
        Augmentation change = Augmentation.padAndCrop(2, 0).then(Augmentation.mirror());
        LabelledBatches batches = new LabelledBatches(IMAGES, BATCH, 1, change);
        float[] seventh = batches.at(7).x().toFloats();
        batches.at(3);
        assertThat(batches.at(7).x().toFloats()).isEqualTo(seventh);
        assertThat(new LabelledBatches(IMAGES, BATCH, 1, change).at(7).x().toFloats())
                .isEqualTo(seventh);
        assertThat(new LabelledBatches(IMAGES, BATCH, 2, change).at(7).x().toFloats())
                .isNotEqualTo(seventh);
        float[] one =
                new LabelledBatches(IMAGES, 1, 1, change).at(7L * BATCH + 2).x().toFloats();
        assertThat(one).isEqualTo(Arrays.copyOfRange(seventh, 2 * one.length, 3 * one.length));
        assertThatThrownBy(() -> new LabelledBatches(IMAGES, 24, 1, change))
                .hasMessage("train: 23 images are fewer than a batch of 24");
    }

    @Test
    void startsAsTorchvisionDoes() {
        ResNet net = ResNet.initialised(
                ResNetConfig.of(ResNetConfig.Block.BASIC, List.of(1, 1, 1, 1), 10, 32, ResNetConfig.Stem.CIFAR), 5);
        Tensor filters = net.parameters().get("layer4.0.conv2.weight"); // [256, 256, 3, 3]
        double variance = filters.norm() * filters.norm() / filters.size();
        assertThat(variance * 256 * 9 / 2).isBetween(0.98, 1.02);
        assertThat(net.parameters().get("bn1.weight").toDoubles()).containsOnly(1.0);
        assertThat(net.parameters().get("bn1.bias").toDoubles()).containsOnly(0.0);
        assertThat(net.buffers().get("bn1.running_mean").toDoubles()).containsOnly(0.0);
        assertThat(net.buffers().get("bn1.running_var").toDoubles()).containsOnly(1.0);
        double bound = 1 / Math.sqrt(256);
        assertThat(Arrays.stream(net.parameters().get("fc.weight").toDoubles())
                        .max()
                        .orElseThrow())
                .isBetween(0.99 * bound, bound);
        assertThat(Arrays.stream(net.parameters().get("fc.bias").toDoubles())
                        .min()
                        .orElseThrow())
                .isBetween(-bound, 0.0);
    }
}
