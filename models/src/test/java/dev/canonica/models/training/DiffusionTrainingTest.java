package dev.canonica.models.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.autodiff.optim.AdamW;
import dev.canonica.autodiff.optim.Ema;
import dev.canonica.autodiff.optim.GradientClipping;
import dev.canonica.learning.Trainer;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.Prediction;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DiffusionTrainingTest {
    private static final int BATCH = 3;
    private static final TrainingSettings SETTINGS =
            new TrainingSettings(BATCH, 30, 1e-2, 1e-3, 3, 0.01, 0.5, 0.9, 0.3, true, 7);
    private static final DitConfig CONFIG = new DitConfig(8, 4, 3, 8, 1, 2, 2, 0.1, 4, false);

    private static final ImageSource IMAGES = images(3);

    private static ImageSource images(int channels) {
        return new ImageSource() {
            @Override
            public int size() {
                return 7;
            }

            @Override
            public Shape shape() {
                return Shape.of(channels, 8, 8);
            }

            @Override
            public int label(int i) {
                return i % 4;
            }

            @Override
            public void copy(int i, float[] out, int offset) {
                for (int p = 0; p < channels * 64; p++) {
                    out[offset + p] = 2 * new Philox(5, i).uniform(p) - 1;
                }
            }
        };
    }

    /** By the formulas, one image after another, from the streams that the order, timesteps, noise, dropping and mirroring have had from the beginning. */
    private static DiffusionBatch byHand(long step) {
        int size = 3 * 64;
        float[] noisy = new float[BATCH * size];
        float[] target = new float[BATCH * size];
        double[] timesteps = new double[BATCH];
        long[] labels = new long[BATCH];
        Set<Integer> dropped = new HashSet<>();
        double[] noise = new double[BATCH * size];
        Philox random = new Philox(7, step);
        random.child(2).normals(0, noise);
        for (int i = 0; i < BATCH; i++) {
            long k = step * BATCH + i;
            int image = new Philox(7, k / 7).child(0).permutation(7)[(int) (k % 7)];
            float[] x = new float[size];
            IMAGES.copy(image, x, 0);
            boolean mirrored = random.child(4).uniform(i) < 0.5f;
            int t = random.child(1).bounded(i, 1000);
            timesteps[i] = t;
            labels[i] = image % 4;
            if (random.child(3).uniform(i) < 0.3) {
                dropped.add(i);
            }
            double alphaBar = SamplerConfig.COSINE_V.noiseSchedule().alphaBar(t);
            double a = Math.sqrt(alphaBar);
            double b = Math.sqrt(1 - alphaBar);
            for (int p = 0; p < size; p++) {
                double x0 = x[mirrored ? p / 8 * 8 + 7 - p % 8 : p];
                noisy[i * size + p] = (float) (a * x0 + b * noise[i * size + p]);
                target[i * size + p] = (float) (a * noise[i * size + p] - b * x0); // v
            }
        }
        return new DiffusionBatch(
                Tensor.of(noisy, BATCH, 3, 8, 8),
                DenoisingModel.times(timesteps),
                Condition.classes(labels).dropping(dropped),
                Tensor.of(target, BATCH, 3, 8, 8));
    }

    @Test
    void trainsOnTheBatchesThatItDid() {
        Dit model = Dit.initialised(CONFIG, 1);
        DiffusionBatches batches = new DiffusionBatches(
                model, SamplerConfig.COSINE_V.noiseSchedule(), Prediction.of("v_prediction"), IMAGES, SETTINGS);
        boolean dropped = false;
        for (long step : new long[] {0, 1, 5, 2}) {
            DiffusionBatch is = batches.at(step);
            DiffusionBatch was = byHand(step);
            assertThat(is.noisy().toFloats()).isEqualTo(was.noisy().toFloats());
            assertThat(is.target().toFloats()).containsExactly(was.target().toFloats(), within(1e-6f));
            assertThat(is.timesteps().toDoubles()).isEqualTo(was.timesteps().toDoubles());
            assertThat(is.condition().given().get(Condition.CLASSES).toLongs())
                    .isEqualTo(was.condition().given().get(Condition.CLASSES).toLongs());
            assertThat(is.condition().absent()).isEqualTo(was.condition().absent());
            dropped |= !is.condition().absent().isEmpty();
        }
        assertThat(dropped).isTrue();
    }

    /** The loop as it would be written for this alone; what is fixed stays. */
    @Test
    void takesTheStepsThatALoopWould() {
        Dit byHand = Dit.initialised(CONFIG, 1);
        Map<String, Tensor> trained = new LinkedHashMap<>(byHand.parameters());
        trained.remove("pos_embed");
        AdamW adam = new AdamW(trained, 0.9, 0.999, 1e-8, 0.01);
        Ema ema = new Ema(trained, 0.9);
        Dit model = Dit.initialised(CONFIG, 1);
        DiffusionBatches batches = new DiffusionBatches(
                model, SamplerConfig.COSINE_V.noiseSchedule(), Prediction.of("v_prediction"), IMAGES, SETTINGS);
        Trainer<DiffusionBatch> trainer = DiffusionTraining.trainer(model, SamplerConfig.COSINE_V, IMAGES, SETTINGS);
        float[] positions = model.parameters().get("pos_embed").toFloats();
        for (int step = 0; step < 10; step++) {
            DiffusionBatch b = batches.at(step);
            Autodiff.NamedGradients g = Autodiff.grad(
                    w -> {
                        Var out = byHand.forward(
                                Weights.of(w).or(byHand.parameters()),
                                Var.constant(b.noisy()),
                                b.timesteps(),
                                b.condition(),
                                Probe.OUTPUT);
                        return Reductions.meanAll(Activations.square(out.minus(Var.constant(b.target()))));
                    },
                    trained);
            GradientClipping clipping = GradientClipping.byGlobalNorm(g.gradients(), 0.5);
            double rate =
                    step < 3 ? 1e-2 * (step + 1) / 3 : 1e-3 + 9e-3 * 0.5 * (1 + Math.cos(Math.PI * (step - 3) / 7.0));
            adam.step(g.gradients(), SETTINGS.learningRate().at(step), clipping.factor());
            assertThat(SETTINGS.learningRate().at(step)).isCloseTo(rate, within(1e-15));
            ema.update(trained);
            assertThat(trainer.next())
                    .isEqualTo(new Trainer.Progress(step + 1, g.value().item(), clipping.norm()));
        }
        Map<String, Tensor> averages = trainer.weights();
        assertThat(averages.keySet()).isEqualTo(trained.keySet());
        trained.forEach((name, t) -> {
            assertThat(model.parameters().get(name).toFloats()).as(name).isEqualTo(t.toFloats());
            assertThat(averages.get(name).toFloats())
                    .as(name)
                    .isEqualTo(ema.shadow().get(name).toFloats());
        });
        assertThat(model.parameters().get("pos_embed").toFloats()).isEqualTo(positions);
    }

    @Test
    void imagesThatDoNotSuitAreRefused() {
        Dit model = Dit.initialised(CONFIG, 1);
        assertThatThrownBy(() -> DiffusionTraining.trainer(model, SamplerConfig.COSINE_V, images(1), SETTINGS))
                .hasMessage("train: images of shape [1, 8, 8], the model needs [B, 3, 8, 8]");
        TrainingSettings large = new TrainingSettings(8, 30, 1e-2, 1e-3, 3, 0.01, 0.5, 0.9, 0.3, true, 7);
        assertThatThrownBy(() -> DiffusionTraining.trainer(model, SamplerConfig.COSINE_V, IMAGES, large))
                .hasMessage("train: 7 images are fewer than a batch of 8");
    }

    @Test
    void aModelThatPredictsTheVarianceTooIsRefused() {
        Dit model = Dit.initialised(new DitConfig(8, 4, 3, 8, 1, 2, 2, 0.1, 4, true), 1);
        Trainer<DiffusionBatch> trainer = DiffusionTraining.trainer(model, SamplerConfig.COSINE_V, IMAGES, SETTINGS);
        assertThatThrownBy(trainer::next)
                .hasMessageContaining("one that also predicts their variance (learn_sigma) cannot be trained");
    }

    @Test
    void theDigestIsThatOfPixelsAndLabels() {
        String digest = ImageDigest.of(IMAGES, n -> {});
        assertThat(digest).matches("SHA-256 [0-9a-f]{16}").isEqualTo(ImageDigest.of(images(3), n -> {}));
        assertThat(ImageDigest.of(images(1), n -> {})).isNotEqualTo(digest);
        assertThat(ImageDigest.of(changed(2, true), n -> {})).isNotEqualTo(digest);
        assertThat(ImageDigest.of(changed(6, false), n -> {})).isNotEqualTo(digest);
    }

    /** The same images, but for one pixel or one label. */
    private static ImageSource changed(int image, boolean label) {
        return new ImageSource() {
            @Override
            public int size() {
                return IMAGES.size();
            }

            @Override
            public Shape shape() {
                return IMAGES.shape();
            }

            @Override
            public int label(int i) {
                return IMAGES.label(i) + (label && i == image ? 1 : 0);
            }

            @Override
            public void copy(int i, float[] out, int offset) {
                IMAGES.copy(i, out, offset);
                out[offset + 5] += !label && i == image ? 1 / 128f : 0;
            }
        };
    }
}
