package dev.canonica.models.diffusion;

import dev.canonica.models.ModelException;

/**
 * The S noise levels of a sampler: level i has the timestep τ_i and ᾱ_i, ascending; {@code before(i)} is ᾱ of the level that a step down from
 * level i leads to.
 *
 * <p>With guided-diffusion's spacing that is level i − 1, and 1 before level 0. diffusers steps down by T // S timesteps instead, whatever the
 * next entry of its list is, and below timestep 0 to 1 or, where {@code set_alpha_to_one} is false, to ᾱ of timestep 0.
 */
public final class Levels {
    private final int[] timesteps;
    private final double[] alphaBar;
    private final double[] before;

    private Levels(int[] timesteps, double[] alphaBar, double[] before) {
        this.timesteps = timesteps;
        this.alphaBar = alphaBar;
        this.before = before;
    }

    /**
     * The levels of a sampler.
     *
     * @param spacing {@code guided}, {@code leading}, {@code trailing} or {@code linspace}
     * @param offset {@code steps_offset}, for {@code leading}
     * @param alphaToOne whether the step below timestep 0 ends at ᾱ = 1
     */
    public static Levels of(NoiseSchedule schedule, int steps, String spacing, int offset, boolean alphaToOne) {
        int train = schedule.steps();
        int[] t = switch (spacing) {
            case "guided" -> Timesteps.guided(train, steps);
            case "leading" -> Timesteps.leading(train, steps, offset);
            case "trailing" -> Timesteps.trailing(train, steps);
            case "linspace" -> Timesteps.linspace(train, steps);
            default ->
                throw new ModelException("spacing '" + spacing + "' is not one of guided, leading, trailing, linspace");
        };
        double end = alphaToOne ? 1 : schedule.alphaBar(0);
        double[] alphaBar = new double[steps];
        double[] before = new double[steps];
        for (int i = 0; i < steps; i++) {
            alphaBar[i] = schedule.alphaBar(t[i]);
            int down = t[i] - train / steps;
            if (spacing.equals("guided")) {
                before[i] = i == 0 ? end : alphaBar[i - 1];
            } else {
                before[i] = down < 0 ? end : schedule.alphaBar(down);
            }
        }
        return new Levels(t, alphaBar, before);
    }

    /** S. */
    public int count() {
        return timesteps.length;
    }

    /** τ_i. */
    public int timestep(int i) {
        return timesteps[i];
    }

    /** ᾱ_i. */
    public double alphaBar(int i) {
        return alphaBar[i];
    }

    /** ᾱ where a step down from level i ends. */
    public double before(int i) {
        return before[i];
    }
}
