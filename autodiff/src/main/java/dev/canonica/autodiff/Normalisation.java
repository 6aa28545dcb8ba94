package dev.canonica.autodiff;

import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.lang.ref.Reference;

/** Softmax, and normalisation to mean 0 and variance 1. */
public final class Normalisation {
    private Normalisation() {}

    /**
     * Softmax along the last axis.
     *
     * <pre>
     *   y  = exp(x − max x) / Σ exp(x − max x)
     *   dy = y ⊙ (dx − ⟨y, dx⟩)     the Jacobian diag(y) − y yᵀ is symmetric, so pull is push
     * </pre>
     */
    public static Var softmax(Var x) {
        Tensor y = x.value().softmax();
        return Var.record("softmax", y, () -> LinearMap.selfAdjoint(d -> softmaxDerivative(y, d)), x);
    }

    private static Tensor softmaxDerivative(Tensor y, Tensor d) {
        Tensor r = Tensor.uninitialised(d.device(), d.dtype(), d.shape());
        int n = y.dim(-1);
        y.kernels().softmaxDerivative(1, y.address(), d.address(), r.address(), d.dim(0), rows(y), n);
        Reference.reachabilityFence(y);
        Reference.reachabilityFence(d);
        return r;
    }

    /**
     * log softmax along the last axis.
     *
     * <pre>
     *   y  = x − max x − log Σ exp(x − max x)
     *   dy = dx − ⟨p, dx⟩ 1      x̄ = u − ⟨1, u⟩ p      with p = softmax(x)
     * </pre>
     */
    public static Var logSoftmax(Var x) {
        Tensor tx = x.value();
        Tensor shifted = tx.minus(tx.max(-1).reshape(tx.shape().with(-1, 1)));
        Tensor y = shifted.minus(shifted.exp().sumLast().map(dev.canonica.tensor.kernel.Unary.LOG));
        return Var.record(
                "logSoftmax",
                y,
                () -> {
                    Tensor p = tx.softmax();
                    return LinearMap.of(
                            d -> d.minus(d.times(p).sumLast()),
                            u -> u.minus(u.sumLast().times(p)));
                },
                x);
    }

    /**
     * Layer normalisation along the last axis, without scale and shift (Ba et al. 2016, Eq. 4).
     *
     * <pre>
     *   y  = s (x − mean x)  with  s = 1/√(var x + ε)
     *   dy = s (dx − mean dx − y mean(y ⊙ dx))     symmetric: s (I − 11ᵀ/n − y yᵀ/n), so pull is push
     * </pre>
     *
     * Group normalisation is the same on [batch, groups, n].
     */
    public static Var normalize(Var x, double epsilon) {
        Tensor tx = x.value();
        Shape shape = tx.shape();
        Tensor y = Tensor.uninitialised(tx.device(), tx.dtype(), shape);
        Tensor s = Tensor.uninitialised(tx.device(), tx.dtype(), shape.without(-1));
        int n = shape.dim(-1);
        tx.kernels().normalize(epsilon, tx.address(), y.address(), s.address(), s.size(), n);
        Reference.reachabilityFence(tx);
        return Var.record("normalize", y, () -> LinearMap.selfAdjoint(d -> normalizeDerivative(y, s, d)), x);
    }

    private static Tensor normalizeDerivative(Tensor y, Tensor s, Tensor d) {
        Tensor r = Tensor.uninitialised(d.device(), d.dtype(), d.shape());
        y.kernels()
                .normalizeDerivative(y.address(), s.address(), d.address(), r.address(), d.dim(0), s.size(), y.dim(-1));
        Reference.reachabilityFence(y);
        Reference.reachabilityFence(s);
        Reference.reachabilityFence(d);
        return r;
    }

    private static long rows(Tensor y) {
        return y.shape().size(0, y.rank() - 1);
    }
}
