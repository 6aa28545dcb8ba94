package dev.canonica.autodiff.optim;

import dev.canonica.tensor.Tensor;
import java.util.Map;

/** A rule that changes the parameters it was made for, in place, from their gradients. */
public interface Optimizer {
    /**
     * One step.
     *
     * @param gradients one per parameter, under its name, of its shape and type
     * @param rate the learning rate of this step
     * @param gradientScale multiplies every gradient first: the factor of {@link GradientClipping}, or 1
     * @throws IllegalArgumentException if a gradient is missing, unknown or does not fit, or the scale is not finite
     */
    void step(Map<String, Tensor> gradients, double rate, double gradientScale);

    /** What {@link #restore} needs to go on from here: the optimiser's own tensors, not copies, good until the next step. */
    Map<String, Tensor> state();

    /**
     * Copies a state of an optimiser for the same parameters into this one.
     *
     * @throws IllegalArgumentException if a tensor is missing, unknown or does not fit; nothing is changed then
     */
    void restore(Map<String, Tensor> state);
}
