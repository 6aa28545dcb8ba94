package dev.canonica.models.diffusion;

import dev.canonica.models.JsonConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a {@code scheduler_config.json} of diffusers says to DDIM. Whichever scheduler it was written for, its β, timesteps and prediction are taken. A
 * key that is left out is as in the constructor of the class that the file names, and some keys are as the pipeline wants them.
 *
 * @param config the settings
 * @param notes what whoever samples should know of how the file was read, each in one line; empty for a file of DDIM's own
 */
public record SchedulerFile(SamplerConfig config, List<String> notes) {
    /** Settings of other schedulers' steps: none of β, timesteps or prediction. */
    private static final String[] OF_THE_SOLVER = {
        "algorithm_type",
        "corrector_order",
        "disable_corrector",
        "dynamic_thresholding_ratio",
        "euler_at_final",
        "flow_shift",
        "interpolation_type",
        "lambda_min_clipped",
        "lower_order_final",
        "original_inference_steps",
        "predict_x0",
        "predictor_order",
        "sample_max_value",
        "sigma_max",
        "sigma_min",
        "skip_prk_steps",
        "solver_order",
        "solver_p",
        "solver_type",
        "tau_func",
        "tensor_format",
        "time_shift_type",
        "timestep_scaling",
        "variance_type"
    };

    /** Settings that place another scheduler's timesteps where DDIM has none. */
    private static final List<String> OF_ITS_TIMESTEPS =
            List.of("use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas");

    /** Copies the notes. */
    public SchedulerFile {
        notes = List.copyOf(notes);
    }

    /**
     * Reads a file.
     *
     * @param pipeline {@code _class_name} of the pipeline that it is of; empty if it is of none
     */
    public static SchedulerFile read(Path file, String pipeline) {
        JsonConfig c = JsonConfig.read(file);
        SchedulerClass named = SchedulerClass.of(c);
        c.unset("trained_betas", "thresholding", "use_flow_sigmas", "use_dynamic_shifting", "shift_terminal");
        c.oneOf("timestep_type", "discrete", "discrete");
        c.ignore(OF_THE_SOLVER);
        List<String> dropped =
                OF_ITS_TIMESTEPS.stream().filter(key -> c.flag(key, false)).toList();
        String spacing = c.oneOf("timestep_spacing", named.spacing(), "leading", "trailing", "linspace", "guided");
        double range = c.number("clip_sample_range", 1.0);
        boolean clipped = c.flag("clip_sample", named.clips() && !spacing.equals("guided"));
        if (clipped && !(range > 0)) {
            throw c.refused("clip_sample_range", "a positive number");
        }
        boolean endsAtOne =
                c.oneOf("final_sigmas_type", "zero", "zero", "sigma_min").equals("zero");
        SamplerConfig config = new SamplerConfig(
                c.oneOf("beta_schedule", named.schedule(), NoiseSchedule.names().toArray(String[]::new)),
                c.number("beta_start", named.betaStart()),
                c.number("beta_end", named.betaEnd()),
                c.integer("num_train_timesteps", 1000),
                c.oneOf(
                        "prediction_type",
                        c.flag("predict_epsilon", true) ? "epsilon" : "sample",
                        "epsilon",
                        "v_prediction",
                        "sample",
                        FlowSampler.VELOCITY),
                spacing,
                c.integer("steps_offset", 0),
                c.flag("set_alpha_to_one", c.flag("set_alpha_to_zero", named.alphaToOne() && endsAtOne)),
                clipped ? range : SamplerConfig.NO_CLIP,
                c.flag("rescale_betas_zero_snr", false));
        c.done();
        List<String> notes = new ArrayList<>();
        if (!named.isDdim()) {
            notes.add("%s: of a %s; DDIM takes its betas, timesteps and prediction%s"
                    .formatted(
                            file,
                            named.reference(),
                            dropped.isEmpty() ? "" : ", but not " + String.join(", ", dropped)));
        }
        return isStableDiffusion(pipeline)
                ? ofStableDiffusion(config, c, notes, file, pipeline)
                : new SchedulerFile(config, notes);
    }

    /** Stable Diffusion 1 and 2; the pipelines of the later ones take a scheduler as it is. */
    private static boolean isStableDiffusion(String pipeline) {
        return pipeline.startsWith("StableDiffusion")
                && !pipeline.startsWith("StableDiffusionXL")
                && !pipeline.startsWith("StableDiffusion3");
    }

    /** Its latents are not confined to [−1, 1], and its last timestep is 1; its pipeline changes every scheduler so. */
    private static SchedulerFile ofStableDiffusion(
            SamplerConfig config, JsonConfig c, List<String> notes, Path file, String pipeline) {
        if (c.flag("clip_sample", false) || c.integer("steps_offset", 1) != 1) {
            notes.add(file + ": a " + pipeline + " never clips (clip_sample false) and has steps_offset 1");
        }
        return new SchedulerFile(config.withOffset(1).withClip(SamplerConfig.NO_CLIP), notes);
    }
}
