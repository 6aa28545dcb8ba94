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
     * What predictions are computed from beside x and the time, so that a step can be recorded and done again for another denoiser ({@link StepRecordings}); empty where
     * that is not known.
     */
    default Optional<Inputs> inputs() {
        return Optional.empty();
    }

    /**
     * What predictions are computed from.
     *
     * @param work the same for two denoisers that compute the same from the same
     * @param tensors such as classes; they are not written to while the denoiser is in use
     */
    record Inputs(Work work, List<Tensor> tensors) {}

    /** What denoisers compute that differ in their tensors alone; equal exactly if it is the same. */
    interface Work {
        /** The prediction at x with tensors of the same types and shapes as {@link Inputs#tensors}. */
        Tensor predict(Tensor x, double time, List<Tensor> tensors);
    }
}
