package dev.canonica.learning;

import dev.canonica.autodiff.optim.LearningRate;
import java.util.List;

/**
 * How a learning rate goes down after its warm-up: along half a cosine, or at milestones by a factor each.
 *
 * @param milestones shares of all steps, ascending, in (0, 1); none for a cosine
 * @param factor that the rate is multiplied by at each
 */
public record Decay(List<Double> milestones, double factor) {
    /** Half a cosine. */
    public static final Decay COSINE = new Decay(List.of(), 1);

    /** Checks that milestones ascend within (0, 1). */
    public Decay {
        milestones = List.copyOf(milestones);
        double before = 0;
        for (double m : milestones) {
            if (!(m > before && m < 1)) {
                throw new IllegalArgumentException(
                        "decay: milestones " + milestones + ": ascending shares of the steps in (0, 1) are needed");
            }
            before = m;
        }
        if (!milestones.isEmpty() && !(factor > 0 && factor < 1)) {
            throw new IllegalArgumentException("decay: a factor of " + factor + ": one in (0, 1) is needed");
        }
    }

    /**
     * The rate of every step.
     *
     * @param floor where a cosine ends; no matter of milestones
     * @throws TrainingException if a milestone lies within the warm-up, or two at one step
     */
    public LearningRate rate(double peak, long warmup, long total, double floor) {
        if (milestones.isEmpty()) {
            return LearningRate.warmupCosine(peak, warmup, Math.max(warmup, total), floor);
        }
        List<Long> steps = milestones.stream().map(m -> Math.round(m * total)).toList();
        long before = warmup - 1;
        for (long step : steps) {
            if (step <= before) {
                throw new TrainingException(
                        "train: milestones %s of %s steps, after %s of warm-up, are steps %s: each must come after the warm-up and after the one before"
                                .formatted(milestones, total, warmup, steps));
            }
            before = step;
        }
        return LearningRate.warmupSteps(peak, warmup, steps, factor);
    }

    /** As a setting has it. */
    @Override
    public String toString() {
        return milestones.isEmpty() ? "cosine" : "times " + factor + " at " + milestones;
    }
}
