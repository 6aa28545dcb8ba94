package dev.canonica.autodiff;

import dev.canonica.tensor.Addresses;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.kernel.Unary;

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
        try (Addresses at = Addresses.open()) {
            y.kernels().softmaxDerivative(1, at.of(y), at.of(d), at.of(r), d.dim(0), rows(y), n);
        }
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
        Tensor y = shifted.minus(shifted.exp().sumLast().map(Unary.LOG));
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
        try (Addresses at = Addresses.open()) {
            tx.kernels().normalize(epsilon, at.of(tx), at.of(y), at.of(s), s.size(), n);
        }
        return Var.record("normalize", y, () -> LinearMap.selfAdjoint(d -> normalizeDerivative(y, s, d)), x);
    }

    /**
     * Group normalisation (Wu &amp; He 2018, Eq. 1–6): the channels of x [B, C, ...] in groups, each group of an image brought to mean 0 and
     * variance 1 by {@link #normalize}, then each channel scaled and shifted.
     *
     * <pre>
     *   y[b, c] = scale[c] · normalize(x[b, group of c])[c] + shift[c]
     * </pre>
     *
     * @param scale [C]
     * @param shift [C]
     */
    public static Var groupNorm(Var x, int groups, Var scale, Var shift, double epsilon) {
        Shape s = x.shape();
        if (s.rank() < 2 || groups < 1 || s.dim(1) % groups != 0) {
            throw new IllegalArgumentException("groupNorm: " + groups + " groups of the channels of " + s
                    + ": needed [B, C, ...] with C a" + " multiple of the groups");
        }
        checkChannels("groupNorm", s, scale, shift);
        ChannelNorm c = ChannelNorm.groups(s.dim(0), s.dim(1), inner(s), groups, epsilon);
        return ChannelNormalisation.of("groupNorm", c, x, scale, shift).value();
    }

    /**
     * Batch normalisation (Ioffe &amp; Szegedy 2015, Algorithm 1): each channel of x [B, C, ...] over all images and positions brought to mean 0
     * and variance 1 (the biased one) by {@link #normalize}, then scaled and shifted. An image's output depends on the others of the batch.
     *
     * <pre>
     *   y[b, c] = scale[c] · normalize(x[:, c])[b] + shift[c]
     * </pre>
     *
     * @param scale [C]
     * @param shift [C]
     */
    public static Var batchNorm(Var x, Var scale, Var shift, double epsilon) {
        return batchNormalised(x, scale, shift, epsilon).value();
    }

    /**
     * The result of {@link #batchNorm}, and the statistics that it found.
     *
     * @param mean of each channel, [C]
     * @param variance of each channel, the biased one, [C]
     */
    public record Normalised(Var value, Tensor mean, Tensor variance) {}

    /** As {@link #batchNorm}, with the batch's statistics, which are constants to what follows. */
    public static Normalised batchNormalised(Var x, Var scale, Var shift, double epsilon) {
        Shape s = x.shape();
        checkChannels("batchNorm", s, scale, shift);
        ChannelNorm c = ChannelNorm.batch(s.dim(0), s.dim(1), inner(s), epsilon);
        return ChannelNormalisation.of("batchNorm", c, x, scale, shift);
    }

    /**
     * Each channel of x [B, C, ...] scaled and shifted, which is batch normalisation by fixed statistics.
     *
     * <pre>
     *   y[b, c] = scale[c] · x[b, c] + shift[c]
     * </pre>
     *
     * @param scale [C]
     * @param shift [C]
     */
    public static Var scaleShift(Var x, Var scale, Var shift) {
        Shape s = x.shape();
        checkChannels("scaleShift", s, scale, shift);
        int[] channel = s.slice(1, s.rank()).withOnes(1, s.rank() - 1).dims(); // [C, 1, ...]
        return Arithmetic.multiplyAdd(x, scale.reshape(channel), shift.reshape(channel));
    }

    private static int inner(Shape s) {
        return Math.toIntExact(s.size(2, s.rank()));
    }

    private static void checkChannels(String operation, Shape s, Var scale, Var shift) {
        if (s.rank() < 2) {
            throw new IllegalArgumentException(operation + ": [B, C, ...] needed, shape is " + s);
        }
        if (!scale.shape().equals(Shape.of(s.dim(1))) || !shift.shape().equals(scale.shape())) {
            throw new IllegalArgumentException(operation + ": scale " + scale.shape() + " and shift " + shift.shape()
                    + " for " + s + ", needed " + Shape.of(s.dim(1)));
        }
    }

    private static Tensor normalizeDerivative(Tensor y, Tensor s, Tensor d) {
        Tensor r = Tensor.uninitialised(d.device(), d.dtype(), d.shape());
        try (Addresses at = Addresses.open()) {
            y.kernels().normalizeDerivative(at.of(y), at.of(s), at.of(d), at.of(r), d.dim(0), s.size(), y.dim(-1));
        }
        return r;
    }

    private static long rows(Tensor y) {
        return y.shape().size(0, y.rank() - 1);
    }
}
