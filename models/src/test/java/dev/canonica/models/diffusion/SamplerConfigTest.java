package dev.canonica.models.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sampler settings on disk, and what clipping does to a step. */
class SamplerConfigTest {
    @TempDir
    private Path dir;

    private SamplerConfig read(String json) throws IOException {
        Path file = dir.resolve(SamplerConfig.FILE);
        Files.writeString(file, json);
        return SamplerConfig.read(file);
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        SamplerConfig clipped =
                new SamplerConfig("scaled_linear", 0.00085, 0.012, 1000, "v_prediction", "trailing", 1, false, 2.5);
        for (SamplerConfig c : new SamplerConfig[] {SamplerConfig.DIT, SamplerConfig.COSINE_V, clipped}) {
            c.write(dir.resolve(SamplerConfig.FILE));
            assertThat(SamplerConfig.read(dir.resolve(SamplerConfig.FILE))).isEqualTo(c);
        }
    }

    @Test
    void whatIsLeftOpenIsAsInDiffusers() throws IOException {
        assertThat(read("{\"_class_name\": \"DDIMScheduler\"}"))
                .isEqualTo(new SamplerConfig("linear", 1e-4, 0.02, 1000, "epsilon", "leading", 0, true, 1));
        assertThat(read("{\"_class_name\": \"DDIMScheduler\", \"timestep_spacing\": \"guided\"}"))
                .isEqualTo(SamplerConfig.DIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"trained_betas\": [0.1]", "\"thresholding\": true", "\"rescale_betas_zero_snr\": true"})
    void whatIsNotSupportedIsRefusedByName(String entry) {
        assertThatThrownBy(() -> read("{\"_class_name\": \"DDIMScheduler\", " + entry + "}"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(entry.substring(1, entry.indexOf('"', 1)))
                .hasMessageContaining("supported: null");
    }

    @Test
    void theClippingRangeMustBePositive() {
        assertThatThrownBy(() -> read("{\"_class_name\": \"DDIMScheduler\", \"clip_sample_range\": 0}"))
                .hasMessageContaining("clip_sample_range is 0; supported: a positive number");
    }

    /** x_s = √ᾱ_s clip(x̂₀) + √(1 − ᾱ_s) ε̂, with x̂₀ and ε̂ written out for each prediction. */
    @ParameterizedTest
    @EnumSource(Prediction.class)
    void clippingHoldsTheCleanImageAlone(Prediction prediction) {
        double[] x = {-3, -1, 0.2, 0.7, 2.5};
        double[] out = {0.5, -2, 0.1, 1.3, -0.4};
        double from = 0.36;
        double to = 0.81;
        double clip = 0.8;
        double[] expected = new double[x.length];
        boolean anyClipped = false;
        for (int i = 0; i < x.length; i++) {
            double clean = switch (prediction) {
                case EPSILON -> (x[i] - 0.8 * out[i]) / 0.6;
                case V_PREDICTION -> 0.6 * x[i] - 0.8 * out[i];
                case SAMPLE -> out[i];
            };
            double noise = switch (prediction) {
                case EPSILON -> out[i];
                case V_PREDICTION -> 0.8 * x[i] + 0.6 * out[i];
                case SAMPLE -> (x[i] - 0.6 * out[i]) / 0.8;
            };
            anyClipped |= Math.abs(clean) > clip;
            expected[i] = 0.9 * Math.max(-clip, Math.min(clip, clean)) + Math.sqrt(0.19) * noise;
        }
        assertThat(anyClipped).isTrue();
        Tensor stepped = prediction.step(Tensor.of(x, 5), Tensor.of(out, 5), from, to, clip);
        assertThat(stepped.toDoubles()).containsExactly(expected, within(1e-12));
        Tensor far = prediction.step(Tensor.of(x, 5), Tensor.of(out, 5), from, to, 1e6);
        assertThat(far.toDoubles())
                .containsExactly(
                        prediction
                                .step(Tensor.of(x, 5), Tensor.of(out, 5), from, to)
                                .toDoubles(),
                        within(1e-12));
    }
}
