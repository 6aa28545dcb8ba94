package dev.canonica.models.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.learning.Trainer;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What is repeated takes nothing more from the system: after the first time, every block comes from the pool. */
class SteadyMemoryTest {
    private static final int BATCH = 4;
    private static final int REPETITIONS = 8;

    private final Dit dit = Dit.initialised(new DitConfig(16, 4, 3, 64, 3, 2, 4, 0.1, 5, false), 1);

    /** Every time but the first leaves the bytes taken from the system as they were, and the tensors' bytes, too. */
    private static void assertSteady(Runnable step) {
        step.run();
        step.run(); // the first filled caches, such as packed weights, which the second uses
        long held = Device.cpu().heldBytes();
        long live = Device.cpu().liveBytes();
        for (int i = 0; i < REPETITIONS; i++) {
            step.run();
        }
        assertThat(Device.cpu().heldBytes()).as("held").isLessThanOrEqualTo(held);
        assertThat(Device.cpu().liveBytes()).as("live").isLessThanOrEqualTo(live);
    }

    @Test
    void trainingSteps() {
        ImageSource source = new ImageSource() {
            @Override
            public int size() {
                return 100 * BATCH;
            }

            @Override
            public Shape shape() {
                return dit.sampleShape();
            }

            @Override
            public int label(int i) {
                return i % 5;
            }

            @Override
            public void copy(int i, float[] out, int offset) {
                Arrays.fill(out, offset, offset + 3 * 16 * 16, i / 400f);
            }
        };
        Trainer<DiffusionBatch> trainer = DiffusionTraining.trainer(
                dit,
                SamplerConfig.COSINE_V,
                source,
                new TrainingSettings(BATCH, 1_000, 1e-4, 1e-5, 10, 0.01, 1, 0.999, 0.1, false, 0));
        assertSteady(trainer::next);
    }

    @Test
    void samplingAndInversion() {
        DdimSampler sampler = SamplerConfig.COSINE_V.sampler(4);
        Tensor x = Tensor.normal(DType.F32, dit.sampleShape().prepend(BATCH), new Philox(2));
        GuidedDenoiser denoiser = new GuidedDenoiser(dit, Condition.classes(new long[BATCH]));
        assertSteady(() -> {
            try (Scope scope = Scope.open()) {
                Tensor latent = sampler.invert(denoiser, x, 3, DdimSampler.Inversion.GUIDED);
                assertThat(sampler.sample(denoiser, latent, 3).norm()).isPositive();
            }
        });
    }

    @Test
    void productsWithTheJacobian() {
        Tensor x = Tensor.normal(DType.F32, dit.sampleShape().prepend(1), new Philox(2));
        Tensor v = Tensor.normal(DType.F32, x.shape().prepend(3), new Philox(3));
        Linearization f =
                Autodiff.linearize(z -> dit.features(z, DenoisingModel.times(10), Condition.classes(1), "blocks.1"), x);
        assertSteady(() -> {
            try (Scope scope = Scope.open()) {
                assertThat(f.pull(f.push(v))[0].norm()).isPositive();
            }
        });
    }
}
