package dev.canonica.models.training;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.learning.Objective;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Tensor;
import java.util.Map;

/**
 * Denoising (Ho et al., 2020, equation 14, for any {@link dev.canonica.models.diffusion.Prediction}):
 *
 * <pre>
 *   L = E ‖f(√ᾱ_t x₀ + √(1 − ᾱ_t) ε, t, y) − target(x₀, ε, t)‖² / dim x      t uniform, y dropped at times
 * </pre>
 */
public final class DiffusionObjective implements Objective<DiffusionBatch> {
    private final DenoisingModel model;
    private final Map<String, Tensor> trained;

    /** The objective of a network, whose {@linkplain DenoisingModel#trained trained} parameters are changed in place. */
    public DiffusionObjective(DenoisingModel model) {
        this.model = model;
        this.trained = model.trained();
    }

    @Override
    public Map<String, Tensor> trained() {
        return trained;
    }

    @Override
    public Loss loss(Map<String, Var> weights, DiffusionBatch b) {
        Weights w = Weights.of(weights).or(model.parameters());
        Var out = model.forward(w, Var.constant(b.noisy()), b.timesteps(), b.condition(), Probe.OUTPUT);
        if (!out.shape().equals(b.target().shape())) {
            throw new ModelException("train: the model predicts " + out.shape() + " of images "
                    + b.target().shape() + "; one that also predicts their variance (learn_sigma) cannot be trained");
        }
        return Loss.of(Reductions.meanAll(Activations.square(out.minus(Var.constant(b.target())))));
    }
}
