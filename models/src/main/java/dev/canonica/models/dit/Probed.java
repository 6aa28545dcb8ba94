package dev.canonica.models.dit;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Layers;
import dev.canonica.models.Probe;
import dev.canonica.models.Weights;
import dev.canonica.tensor.kernel.Unary;

/**
 * Linear layers whose outputs a probe may ask for. They run in one pass with what follows them, except where the probe wants to see what is
 * in between.
 *
 * @param weights parameters
 * @param probe looks for a layer
 */
record Probed(Weights weights, Probe probe) {
    /** Reports a module's output. */
    Var seen(String path, Var output) {
        probe.at(path, output);
        return output;
    }

    /** The linear layer {@code name}. */
    Var linear(String name, Var x) {
        return seen(name, Layers.linear(weights, name, x));
    }

    /** GELU (tanh form) of the linear layer {@code name}; {@code module} is the path of the function. */
    Var gelu(String name, String module, Var x) {
        Var y = probe.wants(name) ? Activations.gelu(linear(name, x)) : Layers.activated(weights, name, x, Unary.GELU);
        return seen(module, y);
    }

    /** linear, SiLU, linear. */
    Var siluMlp(String first, String silu, String second, Var x) {
        return Layers.siluMlp(weights, probe, first, silu, second, x);
    }

    /** residual + gate ⊙ the linear layer {@code name}, the last of the module {@code module}. */
    Var gated(String name, String module, Var x, Var gate, Var residual) {
        if (!probe.wants(name) && !probe.wants(module)) {
            return Layers.gated(weights, name, x, gate, residual);
        }
        Var y = seen(module, linear(name, x));
        return Arithmetic.multiplyAdd(y, gate, residual);
    }

    /** The linear layer {@code linear} of SiLU(condition). */
    Var modulation(String silu, String linear, Var condition) {
        return linear(linear, seen(silu, Activations.silu(condition)));
    }
}
