package dev.canonica.models.diffusion;

import dev.canonica.models.JsonConfig;
import java.util.Arrays;

/**
 * The schedulers of diffusers whose β, timesteps and prediction DDIM can take over, and what the constructor of each has where a file leaves a key
 * out.
 */
enum SchedulerClass {
    DDIM("DDIMScheduler", Betas.HO, "leading", true, true),
    DDIM_INVERSE("DDIMInverseScheduler", Betas.HO, "leading", true, true),
    DDIM_PARALLEL("DDIMParallelScheduler", Betas.HO, "leading", true, true),
    DDPM("DDPMScheduler", Betas.HO, "leading", true, true),
    DDPM_PARALLEL("DDPMParallelScheduler", Betas.HO, "leading", true, true),
    PNDM("PNDMScheduler", Betas.HO, "leading", false, false),
    LCM("LCMScheduler", Betas.LATENT_ROOT, "leading", true, false),
    TCD("TCDScheduler", Betas.LATENT_ROOT, "leading", true, false),
    EULER("EulerDiscreteScheduler", Betas.HO, "linspace", true, false),
    EULER_ANCESTRAL("EulerAncestralDiscreteScheduler", Betas.HO, "linspace", true, false),
    LMS("LMSDiscreteScheduler", Betas.HO, "linspace", true, false),
    HEUN("HeunDiscreteScheduler", Betas.LATENT, "linspace", true, false),
    KDPM2("KDPM2DiscreteScheduler", Betas.LATENT, "linspace", true, false),
    KDPM2_ANCESTRAL("KDPM2AncestralDiscreteScheduler", Betas.LATENT, "linspace", true, false),
    DPM_MULTISTEP("DPMSolverMultistepScheduler", Betas.HO, "linspace", true, false),
    DPM_MULTISTEP_INVERSE("DPMSolverMultistepInverseScheduler", Betas.HO, "linspace", true, false),
    DPM_SINGLESTEP("DPMSolverSinglestepScheduler", Betas.HO, "linspace", true, false),
    UNIPC("UniPCMultistepScheduler", Betas.HO, "linspace", true, false),
    DEIS("DEISMultistepScheduler", Betas.HO, "linspace", true, false),
    SA("SASolverScheduler", Betas.HO, "linspace", true, false);

    private final String reference;
    private final Betas betas;
    private final String spacing;
    private final boolean alphaToOne;
    private final boolean clips;

    SchedulerClass(String reference, Betas betas, String spacing, boolean alphaToOne, boolean clips) {
        this.reference = reference;
        this.betas = betas;
        this.spacing = spacing;
        this.alphaToOne = alphaToOne;
        this.clips = clips;
    }

    /** The one that a file names; DDIM where it names none. */
    static SchedulerClass of(JsonConfig file) {
        String[] names = Arrays.stream(values()).map(s -> s.reference).toArray(String[]::new);
        String name = file.oneOf("_class_name", DDIM.reference, names);
        return Arrays.stream(values())
                .filter(s -> s.reference.equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Its name in diffusers. */
    String reference() {
        return reference;
    }

    /** Whether it is DDIM, in one of its directions. */
    boolean isDdim() {
        return this == DDIM || this == DDIM_INVERSE || this == DDIM_PARALLEL;
    }

    /** {@code beta_schedule}. */
    String schedule() {
        return betas.schedule;
    }

    /** {@code beta_start}. */
    double betaStart() {
        return betas.start;
    }

    /** {@code beta_end}. */
    double betaEnd() {
        return betas.end;
    }

    /** {@code timestep_spacing}, or the one that is built in. */
    String spacing() {
        return spacing;
    }

    /** {@code set_alpha_to_one}; schedulers that step in σ end at σ = 0, which is ᾱ = 1. */
    boolean alphaToOne() {
        return alphaToOne;
    }

    /** {@code clip_sample}; false for those that have no such setting. */
    boolean clips() {
        return clips;
    }

    /** The β that a constructor has. */
    private enum Betas {
        /** Ho et al. 2020. */
        HO("linear", 1e-4, 0.02),
        /** The ends of Rombach et al. 2022, but linear between them. */
        LATENT("linear", 0.00085, 0.012),
        /** Rombach et al. 2022. */
        LATENT_ROOT("scaled_linear", 0.00085, 0.012);

        private final String schedule;
        private final double start;
        private final double end;

        Betas(String schedule, double start, double end) {
            this.schedule = schedule;
            this.start = start;
            this.end = end;
        }
    }
}
