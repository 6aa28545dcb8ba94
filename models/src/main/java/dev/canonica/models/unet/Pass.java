package dev.canonica.models.unet;

import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Layers;
import dev.canonica.models.Probe;
import dev.canonica.models.Segment;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Convolution;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all modules see in one forward pass, and the modules that only hold parameters: each of these reports its output to the probe under
 * its own path.
 *
 * @param weights parameters
 * @param time SiLU of the embedding of time and class [B, E]; null where there is none (autoencoder)
 * @param context what cross-attention attends to [B, T, D]; null where there is none
 * @param probe looks for the layer that is wanted
 */
record Pass(Weights weights, @Nullable Var time, @Nullable Var context, Probe probe) {
    /** A module. */
    Var run(Part part, Var x) {
        List<Var> inputs = new ArrayList<>(List.of(x));
        if (time != null) {
            inputs.add(time);
        }
        if (context != null) {
            inputs.add(context);
        }
        Segment segment = (w, within, v) -> part.forward(
                new Pass(w, time == null ? null : v.get(1), context == null ? null : v.getLast(), within),
                v.getFirst());
        return seen(part.path(), segment.run(part.path(), weights, probe, inputs.toArray(new Var[0])));
    }

    /** The convolution {@code name}, with its bias. */
    Var convolve(String name, Convolution c, Var x) {
        return seen(name, Convolutions.convolution(c, x, weights.get(name + ".weight"), weights.get(name + ".bias")));
    }

    /** The group normalisation {@code name}. */
    Var groupNorm(String name, int groups, double epsilon, Var x) {
        return seen(
                name,
                Normalisation.groupNorm(
                        x, groups, weights.get(name + ".weight"), weights.get(name + ".bias"), epsilon));
    }

    /** The layer normalisation {@code name}. */
    Var layerNorm(String name, double epsilon, Var x) {
        return seen(name, Layers.layerNorm(weights, name, epsilon, x));
    }

    /** The linear layer {@code name}, with its bias. */
    Var linear(String name, Var x) {
        return seen(name, Layers.linear(weights, name, x));
    }

    /** The linear layer {@code name}, which has no bias. */
    Var linearWithoutBias(String name, Var x) {
        return seen(name, Layers.linearWithoutBias(weights, name, x));
    }

    /** Reports a module's output. */
    Var seen(String path, Var output) {
        probe.at(path, output);
        return output;
    }

    /** Whether the layer that is wanted was seen: what follows need not be computed. */
    boolean found() {
        return probe.found();
    }
}
