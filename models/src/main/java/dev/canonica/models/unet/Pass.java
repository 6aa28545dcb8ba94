package dev.canonica.models.unet;

import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Convolution;
import org.jspecify.annotations.Nullable;

/**
 * What all modules see in one forward pass.
 *
 * @param weights parameters
 * @param time SiLU of the embedding of time and class [B, E]; null where there is none (autoencoder)
 */
record Pass(Weights weights, @Nullable Var time) {
    /** The convolution {@code name}, with its bias. */
    Var convolve(String name, Convolution c, Var x) {
        return Convolutions.convolution(c, x, weights.get(name + ".weight"), weights.get(name + ".bias"));
    }

    /** The group normalisation {@code name}. */
    Var groupNorm(String name, int groups, double epsilon, Var x) {
        return Normalisation.groupNorm(x, groups, weights.get(name + ".weight"), weights.get(name + ".bias"), epsilon);
    }
}
