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
        double clip) {
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

    /**
     * Reads {@code scheduler_config.json}; what it leaves open is as in diffusers, but for {@code clip_sample} where the spacing is
     * {@code guided}, which diffusers does not know: there it is off.
     */
    public static SamplerConfig read(Path file) {
        JsonConfig c = JsonConfig.read(file);
        c.oneOf("_class_name", "DDIMScheduler", "DDIMScheduler", "PNDMScheduler", "DDIMInverseScheduler");
        c.unset("trained_betas", "thresholding", "rescale_betas_zero_snr");
        c.ignore("dynamic_thresholding_ratio", "sample_max_value", "skip_prk_steps", "variance_type");
        String spacing = c.string("timestep_spacing", "leading");
        double range = c.number("clip_sample_range", 1.0);
        boolean clipped = c.flag("clip_sample", !spacing.equals("guided"));
        if (clipped && !(range > 0)) {
            throw c.refused("clip_sample_range", "a positive number");
        }
        SamplerConfig s = new SamplerConfig(
                c.string("beta_schedule", "linear"),
                c.number("beta_start", 1e-4),
                c.number("beta_end", 0.02),
                c.integer("num_train_timesteps", 1000),
                c.string("prediction_type", "epsilon"),
                spacing,
                c.integer("steps_offset", 0),
                c.flag("set_alpha_to_one", true),
                clipped ? range : NO_CLIP);
        c.done();
        return s;
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
        JsonConfig.write(file, m);
    }

    /** β and ᾱ. */
    public NoiseSchedule noiseSchedule() {
        return NoiseSchedule.of(schedule, trainSteps, betaStart, betaEnd);
    }

    /** DDIM with so many steps. */
    public DdimSampler sampler(int steps) {
        return new DdimSampler(
                Levels.of(noiseSchedule(), steps, spacing, offset, alphaToOne), Prediction.of(prediction), clip);
    }
}
