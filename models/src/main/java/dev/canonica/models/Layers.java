package dev.canonica.models;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.LinearLayers;
import dev.canonica.autodiff.Matrices;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.Unary;

/** Layers that several networks are built of, by their parameters' names. */
public final class Layers {
    private Layers() {}

    /** x wᵀ + b with the parameters {@code name.weight} [out, in] and {@code name.bias} [out]. */
    public static Var linear(Weights w, String name, Var x) {
        return Matrices.linear(x, w.get(name + ".weight"), w.get(name + ".bias"));
    }

    /** x wᵀ with the parameter {@code name.weight} [out, in]. */
    public static Var linearWithoutBias(Weights w, String name, Var x) {
        Var weight = w.get(name + ".weight");
        Tensor none = Tensor.zeros(weight.value().dtype(), Shape.of(weight.dim(0)));
        return Matrices.linear(x, weight, Var.constant(none));
    }

    /** Layer normalisation (Ba et al. 2016) along the last axis, with {@code name.weight} and {@code name.bias}. */
    public static Var layerNorm(Weights w, String name, double epsilon, Var x) {
        return Arithmetic.multiplyAdd(
                Normalisation.normalize(x, epsilon), w.get(name + ".weight"), w.get(name + ".bias"));
    }

    /**
     * linear, SiLU, linear, each of which the probe is shown. The first two run in one pass, except where the probe wants to see what is in between.
     */
    public static Var siluMlp(Weights w, Probe probe, String first, String silu, String second, Var x) {
        Var h;
        if (probe.wants(first)) {
            Var y = linear(w, first, x);
            probe.at(first, y);
            h = Activations.silu(y);
        } else {
            h = activated(w, first, x, Unary.SILU);
        }
        probe.at(silu, h);
        Var y = linear(w, second, h);
        probe.at(second, y);
        return y;
    }

    /** f(x wᵀ + b) with the parameters {@code name.weight} and {@code name.bias}. */
    public static Var activated(Weights w, String name, Var x, Unary f) {
        return LinearLayers.activated(x, w.get(name + ".weight"), w.get(name + ".bias"), f);
    }

    /** residual + gate ⊙ (x wᵀ + b) with the parameters {@code name.weight} and {@code name.bias}; x [B, T, in], gate [B, 1, out]. */
    public static Var gated(Weights w, String name, Var x, Var gate, Var residual) {
        return LinearLayers.gated(x, w.get(name + ".weight"), w.get(name + ".bias"), gate, residual);
    }

    /**
     * Sinusoidal embedding of timesteps (Ho et al. 2020, after Vaswani et al. 2017), computed in double:
     *
     * <pre>
     *   e_i = cos(t ω_i), e_{h+i} = sin(t ω_i) with ω_i = 10000^(−i / (h − shift)), h = width / 2
     * </pre>
     *
     * @param t timesteps [B]
     * @param shift 0 as in guided-diffusion and DiT, 1 as in DDPM and diffusers
     * @return [B, width]
     */
    public static Tensor timestepEmbedding(double[] t, int width, int shift, DType dtype) {
        int half = width / 2;
        double[] e = new double[t.length * width];
        for (int b = 0; b < t.length; b++) {
            for (int i = 0; i < half; i++) {
                double phase = t[b] * Math.exp(-Math.log(10000) * i / (half - shift));
                e[b * width + i] = Math.cos(phase);
                e[b * width + half + i] = Math.sin(phase);
            }
        }
        return Tensor.of(e, t.length, width).to(dtype);
    }
}
