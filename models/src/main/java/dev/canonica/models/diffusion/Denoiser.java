package dev.canonica.models.diffusion;

import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** A network's prediction at a time, its condition and guidance given: [B, C, H, W] → [B, C, H, W]. */
@FunctionalInterface
public interface Denoiser {
    /**
     * The prediction at x.
     *
     * @param time of all samples, in the units of the network: a timestep, or a number in [0, 1] for networks of flows
     */
    Tensor predict(Tensor x, double time);

    /** Where in the network a prediction that is not finite comes from, in words that follow an error's message; empty where that is not known. */
    default String whyNotFinite(Tensor x, double time) {
        return "";
    }

    /**
     * What predictions depend on beside x and the time, so that a step can be recorded and done again for another denoiser ({@link
     * StepRecordings}); empty where that is not known.
     */
    default Optional<Condition> condition() {
        return Optional.empty();
    }

    /**
     * What predictions depend on.
     *
     * @param work equal for two denoisers exactly if they compute the same from x, the time and the arrays
     * @param arrays of {@code long} or {@code double}, such as classes. {@link #predict} looks at what they hold by {@code Tensor.of} of these very
     *     arrays alone, or not at all.
     */
    record Condition(Object work, List<Object> arrays) {}
}
