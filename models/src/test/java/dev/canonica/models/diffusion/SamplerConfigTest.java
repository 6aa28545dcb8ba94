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
import org.junit.jupiter.params.provider.CsvSource;
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
        SamplerConfig rescaled = new SamplerConfig(
                "linear", 1e-4, 0.02, 1000, "v_prediction", "trailing", 0, true, SamplerConfig.NO_CLIP, true);
        for (SamplerConfig c : new SamplerConfig[] {SamplerConfig.DIT, SamplerConfig.COSINE_V, clipped, rescaled}) {
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
    @ValueSource(strings = {"\"trained_betas\": [0.1]", "\"thresholding\": true", "\"use_flow_sigmas\": true"})
    void whatIsNotSupportedIsRefusedByName(String entry) {
        assertThatThrownBy(() -> read("{\"_class_name\": \"DDIMScheduler\", " + entry + "}"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(entry.substring(1, entry.indexOf('"', 1)))
                .hasMessageContaining("supported: null");
    }

    /** Constructors of diffusers 0.38: β, spacing, set_alpha_to_one (where a scheduler has σ, it ends at σ = 0) and clip_sample. */
    @ParameterizedTest
    @CsvSource({
        "DDIMScheduler, linear, 1e-4, 0.02, leading, true, true",
        "DDIMInverseScheduler, linear, 1e-4, 0.02, leading, true, true",
        "DDIMParallelScheduler, linear, 1e-4, 0.02, leading, true, true",
        "DDPMScheduler, linear, 1e-4, 0.02, leading, true, true",
        "DDPMParallelScheduler, linear, 1e-4, 0.02, leading, true, true",
        "PNDMScheduler, linear, 1e-4, 0.02, leading, false, false",
        "EulerDiscreteScheduler, linear, 1e-4, 0.02, linspace, true, false",
        "EulerAncestralDiscreteScheduler, linear, 1e-4, 0.02, linspace, true, false",
        "LMSDiscreteScheduler, linear, 1e-4, 0.02, linspace, true, false",
        "HeunDiscreteScheduler, linear, 0.00085, 0.012, linspace, true, false",
        "KDPM2DiscreteScheduler, linear, 0.00085, 0.012, linspace, true, false",
        "KDPM2AncestralDiscreteScheduler, linear, 0.00085, 0.012, linspace, true, false",
        "DPMSolverMultistepScheduler, linear, 1e-4, 0.02, linspace, true, false",
        "DPMSolverMultistepInverseScheduler, linear, 1e-4, 0.02, linspace, true, false",
        "DPMSolverSinglestepScheduler, linear, 1e-4, 0.02, linspace, true, false",
        "UniPCMultistepScheduler, linear, 1e-4, 0.02, linspace, true, false",
        "DEISMultistepScheduler, linear, 1e-4, 0.02, linspace, true, false",
        "SASolverScheduler, linear, 1e-4, 0.02, linspace, true, false",
        "LCMScheduler, scaled_linear, 0.00085, 0.012, leading, true, false",
        "TCDScheduler, scaled_linear, 0.00085, 0.012, leading, true, false",
    })
    void whatIsLeftOpenIsAsInTheClassThatIsNamed(
            String name, String schedule, double start, double end, String spacing, boolean alphaToOne, boolean clips)
            throws IOException {
        SamplerConfig expected = new SamplerConfig(
                schedule, start, end, 1000, "epsilon", spacing, 0, alphaToOne, clips ? 1 : SamplerConfig.NO_CLIP);
        SchedulerFile file = file("{\"_class_name\": \"" + name + "\"}", "");
        assertThat(file.config()).isEqualTo(expected);
        if (name.startsWith("DDIM")) {
            assertThat(file.notes()).isEmpty();
        } else {
            assertThat(file.notes()).singleElement().asString().contains(SamplerConfig.FILE, name, "DDIM");
        }

        SamplerConfig ofStableDiffusion =
                new SamplerConfig(schedule, start, end, 1000, "epsilon", spacing, 1, alphaToOne, SamplerConfig.NO_CLIP);
        SchedulerFile inPipeline = file("{\"_class_name\": \"" + name + "\"}", "StableDiffusionPipeline");
        assertThat(inPipeline.config()).isEqualTo(ofStableDiffusion);
        assertThat(inPipeline.notes()).isEqualTo(file.notes());
        assertThat(file("{\"_class_name\": \"" + name + "\"}", "StableDiffusionXLPipeline"))
                .isEqualTo(file);
    }

    private SchedulerFile file(String json, String pipeline) throws IOException {
        Path file = dir.resolve(SamplerConfig.FILE);
        Files.writeString(file, json);
        return SchedulerFile.read(file, pipeline);
    }

    @Test
    void stableDiffusionOverridesWhatItsFileSays() throws IOException {
        String json = "{\"_class_name\": \"DDIMScheduler\", \"clip_sample\": true, \"steps_offset\": 0}";
        SchedulerFile file = file(json, "StableDiffusionImg2ImgPipeline");
        assertThat(file.config().clip()).isEqualTo(SamplerConfig.NO_CLIP);
        assertThat(file.config().offset()).isEqualTo(1);
        assertThat(file.notes()).singleElement().asString().contains("never clips", "steps_offset 1");
        assertThat(file(json, "DDIMPipeline").config().clip()).isEqualTo(1);
    }

    /** What DPM-Solver's file has that is no JSON, and what DDIM cannot take over. */
    @Test
    void anotherSolversOwnSettingsAreLeftOut() throws IOException {
        SchedulerFile file = file(
                "{\"_class_name\": \"DPMSolverMultistepScheduler\", \"lambda_min_clipped\": -Infinity, \"solver_order\": 2,"
                        + " \"use_karras_sigmas\": true, \"final_sigmas_type\": \"sigma_min\"}",
                "");
        assertThat(file.config().alphaToOne()).isFalse();
        assertThat(file.notes()).singleElement().asString().contains("but not use_karras_sigmas");
        assertThatThrownBy(() -> read("{\"_class_name\": \"DDIMScheduler\", \"beta_end\": Infinity}"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("beta_end");
    }

    @Test
    void whatTheFirstReleasesCalledThePredictionIsUnderstood() throws IOException {
        assertThat(read("{\"_class_name\": \"DDPMScheduler\", \"predict_epsilon\": false}")
                        .prediction())
                .isEqualTo("sample");
    }

    /** Lin et al. 2024, Algorithm 1: √ᾱ keeps its first value, ends at 0, and is stretched evenly between. */
    @Test
    void aZeroTerminalSnrScheduleEndsWithoutSignal() throws IOException {
        NoiseSchedule plain = NoiseSchedule.scaledLinear(1000, 0.00085, 0.012);
        NoiseSchedule rescaled = read("{\"_class_name\": \"DDIMScheduler\", \"beta_schedule\": \"scaled_linear\","
                        + " \"beta_start\": 0.00085, \"beta_end\": 0.012, \"rescale_betas_zero_snr\": true}")
                .noiseSchedule();
        double first = Math.sqrt(plain.alphaBar(0));
        double last = Math.sqrt(plain.alphaBar(999));
        assertThat(rescaled.alphaBar(0)).isCloseTo(plain.alphaBar(0), within(1e-15));
        assertThat(rescaled.alphaBar(999)).isZero();
        for (int t : new int[] {1, 17, 500, 998}) {
            double root = (Math.sqrt(plain.alphaBar(t)) - last) / (first - last) * first;
            assertThat(rescaled.alphaBar(t)).isCloseTo(root * root, within(1e-12));
        }
    }

    @Test
    void theClippingRangeMustBePositive() {
        assertThatThrownBy(() -> read("{\"_class_name\": \"DDIMScheduler\", \"clip_sample_range\": 0}"))
                .hasMessageContaining("clip_sample_range is 0, which is not supported; supported: a positive number");
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
