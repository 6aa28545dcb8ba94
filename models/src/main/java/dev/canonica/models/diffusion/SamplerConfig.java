package dev.canonica.models.diffusion;

import dev.canonica.models.JsonConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings of a noise schedule and of DDIM, as {@code scheduler_config.json} has them (diffusers' {@code DDIMScheduler}).
 *
 * @param schedule {@code beta_schedule}
 * @param betaStart {@code beta_start}
 * @param betaEnd {@code beta_end}
 * @param trainSteps {@code num_train_timesteps}
 * @param prediction {@code prediction_type}
 * @param spacing {@code timestep_spacing}; beside diffusers' three, {@code guided}
 * @param offset {@code steps_offset}
 * @param alphaToOne {@code set_alpha_to_one}
 * @param clip {@code clip_sample_range} where {@code clip_sample} is true, else ∞
 * @param zeroSnr {@code rescale_betas_zero_snr}: whether ᾱ of the last timestep is made 0
 */
public record SamplerConfig(
        String schedule,
        double betaStart,
        double betaEnd,
        int trainSteps,
        String prediction,
        String spacing,
        int offset,
        boolean alphaToOne,
        double clip,
        boolean zeroSnr) {
    /** Name of the file. */
    public static final String FILE = "scheduler_config.json";

    /** The value of {@link #clip} where nothing is clipped. */
    public static final double NO_CLIP = Double.POSITIVE_INFINITY;

    /** DiT's own: linear β from 1e-4 to 0.02 over 1000 steps, ε, guided-diffusion's spacing. */
    public static final SamplerConfig DIT =
            new SamplerConfig("linear", 1e-4, 0.02, 1000, "epsilon", "guided", 0, true, NO_CLIP);

    /** Squared-cosine schedule and v-prediction: what this project trains with. */
    public static final SamplerConfig COSINE_V =
            new SamplerConfig("squaredcos_cap_v2", 1e-4, 0.02, 1000, "v_prediction", "guided", 0, true, NO_CLIP);

    /** Settings without a rescaled schedule. */
    public SamplerConfig(
            String schedule,
            double betaStart,
            double betaEnd,
            int trainSteps,
            String prediction,
            String spacing,
            int offset,
            boolean alphaToOne,
            double clip) {
        this(schedule, betaStart, betaEnd, trainSteps, prediction, spacing, offset, alphaToOne, clip, false);
    }

    /**
     * Reads {@code scheduler_config.json} of a model that is no part of a pipeline; what it leaves open is as in the scheduler of diffusers that it
     * names, but for {@code clip_sample} where the spacing is {@code guided}, which diffusers does not know: there it is off.
     */
    public static SamplerConfig read(Path file) {
        return SchedulerFile.read(file, "").config();
    }

    /** These settings with another {@code steps_offset}. */
    SamplerConfig withOffset(int n) {
        return new SamplerConfig(
                schedule, betaStart, betaEnd, trainSteps, prediction, spacing, n, alphaToOne, clip, zeroSnr);
    }

    /** These settings with another range of clipping. */
    SamplerConfig withClip(double range) {
        return new SamplerConfig(
                schedule, betaStart, betaEnd, trainSteps, prediction, spacing, offset, alphaToOne, range, zeroSnr);
    }

    /** Writes {@code scheduler_config.json}. */
    public void write(Path file) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("_class_name", "DDIMScheduler");
        m.put("beta_schedule", schedule);
        m.put("beta_start", betaStart);
        m.put("beta_end", betaEnd);
        m.put("num_train_timesteps", trainSteps);
        m.put("prediction_type", prediction);
        m.put("timestep_spacing", spacing);
        m.put("steps_offset", offset);
        m.put("set_alpha_to_one", alphaToOne);
        m.put("clip_sample", clip != NO_CLIP);
        if (clip != NO_CLIP) {
            m.put("clip_sample_range", clip);
        }
        if (zeroSnr) {
            m.put("rescale_betas_zero_snr", true);
        }
        JsonConfig.write(file, m);
    }

    /** β and ᾱ. */
    public NoiseSchedule noiseSchedule() {
        NoiseSchedule s = NoiseSchedule.of(schedule, trainSteps, betaStart, betaEnd);
        return zeroSnr ? s.withZeroTerminalSnr() : s;
    }

    /** DDIM with so many steps. */
    public DdimSampler sampler(int steps) {
        return new DdimSampler(
                Levels.of(noiseSchedule(), steps, spacing, offset, alphaToOne), Prediction.of(prediction), clip);
    }
}
