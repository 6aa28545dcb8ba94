package dev.canonica.autodiff.optim;

import dev.canonica.tensor.Tensor;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum (Sutskever et al., 2013), the gradient g scaled by s:
 *
 * <pre>
 *   d ← s g + decay x
 *   b ← momentum b + d
 *   x ← x − rate b                      or, with Nesterov's momentum,  x ← x − rate (d + momentum b)
 * </pre>
 *
 * as in PyTorch's {@code torch.optim.SGD}: the decay is that of an L2 penalty. A state has {@code step} and {@code b.NAME}. Make it outside
 * the scopes of single steps: b belongs to the scope that it is made in.
 */
public final class Sgd implements Optimizer {
    private final Map<String, Tensor> parameters;
    private final double momentum;
    private final boolean nesterov;
    private final double decay;
    private final Map<String, Tensor> b;
    private long t;

    /**
     * For these parameters, which {@link #step} changes in place.
     *
     * @param momentum in [0, 1); 0 for none
     * @param decay of the weights, as an L2 penalty; 0 for none
     */
    public Sgd(Map<String, Tensor> parameters, double momentum, boolean nesterov, double decay) {
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("Sgd: the momentum must lie in [0, 1): " + momentum);
        }
        if (!(decay >= 0)) {
            throw new IllegalArgumentException("Sgd: the decay must not be negative: " + decay);
        }
        this.parameters = Tensors.ordered(parameters);
        this.momentum = momentum;
        this.nesterov = nesterov;
        this.decay = decay;
        this.b = Tensors.zeros(parameters);
    }

    @Override
    public void step(Map<String, Tensor> gradients, double rate, double gradientScale) {
        Tensors.check("Sgd: gradient", parameters, gradients);
        Tensors.checkScale("Sgd", gradientScale);
        t++;
        parameters.forEach((name, x) -> {
            Tensor g = Tensors.get(gradients, name);
            Tensor buffer = Tensors.get(b, name);
            buffer.scale(momentum);
            buffer.accumulate(gradientScale, g);
            buffer.accumulate(decay, x);
            if (nesterov) { // x − rate (d + momentum b), with d written out
                x.scale(1 - rate * decay);
                x.accumulate(-rate * gradientScale, g);
                x.accumulate(-rate * momentum, buffer);
            } else {
                x.accumulate(-rate, buffer);
            }
        });
    }

    @Override
    public Map<String, Tensor> state() {
        return Tensors.state(t, Map.of("b", b));
    }

    @Override
    public void restore(Map<String, Tensor> state) {
        t = Tensors.restore("Sgd: state", state(), state);
    }
}
