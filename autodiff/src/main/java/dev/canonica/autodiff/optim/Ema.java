package dev.canonica.autodiff.optim;

import dev.canonica.tensor.Tensor;
import java.util.Map;

/**
 * An exponential moving average of parameters, whose decay grows from 1/10 so that the random start is forgotten soon:
 *
 * <pre>
 *   d ← min(decay, (1 + t) / (10 + t))        t = updates before this one
 *   shadow ← d · shadow + (1 − d) · parameter
 * </pre>
 *
 * the formula of TensorFlow's {@code ExponentialMovingAverage} with {@code num_updates}. A state has {@code step} (t) and {@code
 * shadow.NAME}. Make it outside the scopes of single steps: the shadows belong to the scope that it is made in.
 */
public final class Ema {
    private final Map<String, Tensor> shadow;
    private final double decay;
    private long t;

    /**
     * Starts from a copy of the parameters.
     *
     * @param decay for t → ∞, in [0, 1)
     */
    public Ema(Map<String, Tensor> parameters, double decay) {
        if (!(decay >= 0 && decay < 1)) {
            throw new IllegalArgumentException("Ema: the decay must lie in [0, 1): " + decay);
        }
        this.shadow = Tensors.copies(parameters);
        this.decay = decay;
    }

    /** Moves the average towards the parameters. */
    public void update(Map<String, Tensor> parameters) {
        Tensors.check("Ema: parameter", shadow, parameters);
        double d = Math.min(decay, (1.0 + t) / (10.0 + t));
        shadow.forEach((name, s) -> {
            s.scale(d);
            s.accumulate(1 - d, Tensors.get(parameters, name));
        });
        t++;
    }

    /** The averages under their parameters' names: live tensors, changed by the next {@link #update}. */
    public Map<String, Tensor> shadow() {
        return shadow;
    }

    /** What {@link #restore} needs to go on from here: live tensors, good until the next update. */
    public Map<String, Tensor> state() {
        return Tensors.state(t, Map.of("shadow", shadow));
    }

    /**
     * Copies a state of an average of the same parameters into this one.
     *
     * @throws IllegalArgumentException if a tensor is missing, unknown or does not fit; nothing is changed then
     */
    public void restore(Map<String, Tensor> state) {
        t = Tensors.restore("Ema: state", state(), state);
    }
}
