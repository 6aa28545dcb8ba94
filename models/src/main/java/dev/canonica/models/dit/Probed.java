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
    /** The linear layer {@code name}. */
    Var linear(String name, Var x) {
        Var y = Layers.linear(weights, name, x);
        probe.at(name, y);
        return y;
    }

    /** GELU (tanh form) of the linear layer {@code name}; {@code module} is the path of both. */
    Var gelu(String name, String module, Var x) {
        Var y = probe.wants(name) ? Activations.gelu(linear(name, x)) : Layers.activated(weights, name, x, Unary.GELU);
        probe.at(module, y);
        return y;
    }

    /** residual + gate ⊙ the linear layer {@code name}, the last of the module {@code module}. */
    Var gated(String name, String module, Var x, Var gate, Var residual) {
        if (!probe.wants(name) && !probe.wants(module)) {
            return Layers.gated(weights, name, x, gate, residual);
        }
        Var y = linear(name, x);
        probe.at(module, y);
        return Arithmetic.multiplyAdd(y, gate, residual);
    }

    /** The linear layer {@code name} of SiLU(condition). */
    Var modulation(String name, Var condition) {
        return linear(name, Activations.silu(condition));
    }
}
