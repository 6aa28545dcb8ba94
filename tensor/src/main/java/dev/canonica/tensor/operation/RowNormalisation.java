package dev.canonica.tensor.operation;

import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.Addresses;
import java.util.List;

/**
 * Rows brought to mean 0 and variance 1 along the last axis (Ba et al., 2016, equation 4, without scale and shift):
 *
 * <pre>
 *   y  = s (x − mean x)  with  s = 1/√(var x + ε)
 *   dy = s (dx − mean dx − y mean(y ⊙ dx))
 * </pre>
 *
 * @param value y, of the shape of x
 * @param scale s of each row
 */
public record RowNormalisation(Tensor value, Tensor scale) {
    /** The rows of x [..., n]. */
    public static RowNormalisation of(Tensor x, double epsilon) {
        Tensor y = x.like(x.shape());
        Tensor s = x.like(x.shape().without(-1));
        try (Addresses at = Addresses.open()) {
            x.kernels().normalize(epsilon, at.of(x), at.of(y), at.of(s), s.size(), x.dim(-1));
        }
        return new RowNormalisation(y, s);
    }

    /** The derivative for K directions [K, *x], which is symmetric: push and pull. */
    public Tensor derivative(Tensor d) {
        int directions = Operands.directions("normalize", List.of(value.shape()), d);
        Tensor r = d.like(d.shape());
        try (Addresses at = Addresses.open()) {
            value.kernels()
                    .normalizeDerivative(
                            at.of(value), at.of(scale), at.of(d), at.of(r), directions, scale.size(), value.dim(-1));
        }
        return r;
    }
}
