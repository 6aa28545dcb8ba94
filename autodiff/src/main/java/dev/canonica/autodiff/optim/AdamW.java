package dev.canonica.autodiff.optim;

import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.AdamWStep;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov &amp; Hutter 2019, Algorithm 2), the gradient g scaled by s:
 *
 * <pre>
 *   t ← t + 1
 *   m ← β₁ m + (1 − β₁) g s        v ← β₂ v + (1 − β₂) (g s)²
 *   x ← x − rate (m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε) + decay x)
 * </pre>
 *
 * as in PyTorch's {@code torch.optim.AdamW}. A state has {@code step}, {@code m.NAME} and {@code v.NAME}. Make it outside the scopes of
 * single steps: m and v belong to the scope that it is made in.
 */
public final class AdamW implements Optimizer {
    private final Map<String, Tensor> parameters;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double decay;
    private final Map<String, Tensor> m;
    private final Map<String, Tensor> v;
    private long t;

    /** For these parameters with the usual numbers: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸. */
    public AdamW(Map<String, Tensor> parameters, double decay) {
        this(parameters, 0.9, 0.999, 1e-8, decay);
    }

    /**
     * For these parameters, which {@link #step} changes in place.
     *
     * @param beta1 of the mean of the gradient, usually 0.9
     * @param beta2 of the mean of its square, usually 0.999
     * @param epsilon usually 1e-8
     * @param decay of the weights, relative to the learning rate; 0 for none
     */
    public AdamW(Map<String, Tensor> parameters, double beta1, double beta2, double epsilon, double decay) {
        if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
            throw new IllegalArgumentException("AdamW: betas must lie in [0, 1): " + beta1 + ", " + beta2);
        }
        if (!(epsilon >= 0 && decay >= 0)) {
            throw new IllegalArgumentException(
                    "AdamW: epsilon and decay must not be negative: " + epsilon + ", " + decay);
        }
        this.parameters = Tensors.ordered(parameters);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.decay = decay;
        this.m = Tensors.zeros(parameters);
        this.v = Tensors.zeros(parameters);
    }

    @Override
    public void step(Map<String, Tensor> gradients, double rate, double gradientScale) {
        Tensors.check("AdamW: gradient", parameters, gradients);
        Tensors.checkScale("AdamW", gradientScale);
        t++;
        AdamWStep step = new AdamWStep(rate, beta1, beta2, epsilon, decay, t, gradientScale);
        parameters.forEach((name, x) -> {
            Tensor g = Tensors.get(gradients, name);
            Tensors.checkDevice("AdamW", name, x, g);
            step.apply(x, g, Tensors.get(m, name), Tensors.get(v, name));
        });
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Map<String, Tensor>> groups = new LinkedHashMap<>();
        groups.put("m", m);
        groups.put("v", v);
        return Tensors.state(t, groups);
    }

    @Override
    public void restore(Map<String, Tensor> state) {
        t = Tensors.restore("AdamW: state", state(), state);
    }
}
