package dev.canonica.autodiff;

import dev.canonica.tensor.Magnitudes;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.function.Binary;
import dev.canonica.tensor.function.Unary;
import dev.canonica.tensor.operation.ChannelNormalisation;
import dev.canonica.tensor.operation.RowNormalisation;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
        return Var.record(
                "softmax",
                y,
                () -> LinearMap.selfAdjoint(y::softmaxDerivative),
                () -> Curvature.of((u, v) -> {
                    Tensor dy = y.softmaxDerivative(v);
                    return dy.times(u.minus(y.times(u).sumLast()))
                            .minus(y.times(dy.times(u).sumLast()));
                }),
                x);
    }

    /** {@link #softmax(Var)} along any axis. */
    public static Var softmax(Var x, int axis) {
        return Axes.along(axis, x, Normalisation::softmax);
    }

    /** {@link #logSoftmax(Var)} along any axis. */
    public static Var logSoftmax(Var x, int axis) {
        return Axes.along(axis, x, Normalisation::logSoftmax);
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
                () -> {
                    Tensor p = tx.softmax();
                    return Curvature.of(
                            (u, v) -> p.softmaxDerivative(v).times(u.sumLast()).negate());
                },
                x);
    }

    /**
     * Brought to Euclidean norm 1 along the last axis; where the norm is at most {@code floor}, divided by that instead. 0 stays 0, and
     * where {@code floor} is 0, too, its derivative is the identity: it is divided by 1.
     *
     * <pre>
     *   y  = s x  with  s = 1/max(‖x‖, floor), or 1 for 1/0
     *   dy = s (dx − y ⟨y, dx⟩) where ‖x‖ &gt; floor, else s dx     symmetric, so pull is push
     * </pre>
     *
     * @param floor at least 0
     */
    public static Var unit(Var x, double floor) {
        Tensor tx = x.value();
        return unit(x, Tensor.full(tx.device(), tx.dtype(), tx.shape().with(-1, 1), floor));
    }

    /**
     * As {@link #unit(Var, double)}, with a floor for each row. Rows far from 1 are brought near it first, so that their squares stay in the type's range.
     *
     * @param floor [..., 1] of x's axes, at least 0
     * @throws IllegalArgumentException if the floor is of another shape
     */
    public static Var unit(Var x, Tensor floor) {
        Shape rows = x.shape().with(-1, 1);
        if (!floor.shape().equals(rows)) {
            throw new IllegalArgumentException(
                    "unit: floor " + floor.shape() + " for x " + x.shape() + ": " + rows + " needed, one for each row");
        }
        Tensor near = Magnitudes.ofRows(x.value());
        Tensor tx = near == null ? x.value() : x.value().times(near);
        Tensor least = near == null ? floor : floor.times(near);
        Tensor norm = tx.map(Unary.SQUARE).sumLast().map(Unary.SQRT);
        Tensor divisor = norm.zip(Binary.MAX, least);
        Tensor zero = divisor.map(Unary.STEP).affine(-1, 1);
        Tensor reciprocal = divisor.plus(zero).map(Unary.RECIPROCAL);
        Tensor y = tx.times(reciprocal);
        Tensor s = near == null ? reciprocal : reciprocal.times(near);
        return Var.record(
                "unit",
                y,
                () -> {
                    Tensor above = y.times(norm.minus(least).map(Unary.STEP));
                    return LinearMap.selfAdjoint(
                            d -> d.minus(above.times(d.times(y).sumLast())).times(s));
                },
                () -> {
                    Tensor above = norm.minus(least).map(Unary.STEP);
                    return Curvature.of((u, v) -> {
                        Tensor yu = y.times(u).sumLast();
                        Tensor yv = y.times(v).sumLast();
                        Tensor dy = v.minus(y.times(yv)).times(s);
                        Tensor turned = dy.times(yu).plus(y.times(dy.times(u).sumLast()));
                        Tensor shrunk = u.minus(y.times(yu)).times(yv.times(s)); // ds = −s² ⟨y, dx⟩
                        return turned.plus(shrunk).times(s.times(above)).negate();
                    });
                },
                x);
    }

    /**
     * Layer normalisation along the last axis, without scale and shift (Ba et al., 2016, equation 4).
     *
     * <pre>
     *   y  = s (x − mean x)  with  s = 1/√(var x + ε)
     *   dy = s (dx − mean dx − y mean(y ⊙ dx))     symmetric: s (I − 11ᵀ/n − y yᵀ/n), so pull is push
     * </pre>
     *
     * Group normalisation is the same on [batch, groups, n].
     */
    public static Var normalize(Var x, double epsilon) {
        RowNormalisation rows = RowNormalisation.of(x.value(), epsilon);
        return Var.record(
                "normalize",
                rows.value(),
                () -> LinearMap.selfAdjoint(rows::derivative),
                () -> Curvature.of((u, v) -> normalizeSecond(rows, u, v)),
                x);
    }

    /** With dy of v and P of u as above: −s (mean(y ⊙ v) P + mean(y ⊙ u) dy + mean(dy ⊙ u) y). */
    private static Tensor normalizeSecond(RowNormalisation rows, Tensor u, Tensor v) {
        Tensor y = rows.value();
        Tensor s = rows.scale().reshape(y.shape().with(-1, 1)).times(-1.0 / y.dim(-1));
        Tensor dy = rows.derivative(v);
        return rows.derivative(u)
                .times(y.times(v).sumLast())
                .plus(dy.times(y.times(u).sumLast()))
                .plus(y.times(dy.times(u).sumLast()))
                .times(s);
    }

    /**
     * Group normalisation (Wu &amp; He 2018, equations 1–6): the channels of x [B, C, ...] in groups, each group of an image brought to mean 0 and
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
        return normalised(
                        "groupNorm",
                        ChannelNormalisation.groups(x.value(), groups, scale.value(), shift.value(), epsilon),
                        v -> scaleShift(groupsNormalised(v.get(0), groups, epsilon), v.get(1), v.get(2)),
                        x,
                        scale,
                        shift)
                .value();
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
        ChannelNormalisation n = ChannelNormalisation.batch(x.value(), scale.value(), shift.value(), epsilon);
        return normalised(
                "batchNorm",
                n,
                v -> scaleShift(channelsNormalised(v.get(0), epsilon), v.get(1), v.get(2)),
                x,
                scale,
                shift);
    }

    private static Var groupsNormalised(Var x, int groups, double epsilon) {
        Shape s = x.shape();
        int n = Math.toIntExact(s.dim(1) / groups * s.size(2, s.rank()));
        return normalize(x.reshape(s.dim(0), groups, n), epsilon).reshape(s.dims());
    }

    private static Var channelsNormalised(Var x, double epsilon) {
        int[] order = IntStream.range(0, x.shape().rank()).toArray();
        order[0] = 1;
        order[1] = 0;
        Var channels = x.permute(order);
        Shape s = channels.shape();
        int n = Math.toIntExact(s.size(1, s.rank()));
        return normalize(channels.reshape(s.dim(0), n), epsilon)
                .reshape(s.dims())
                .permute(order);
    }

    /** The primitive; {@code expanded} computes the same of x, scale and shift by others. */
    private static Normalised normalised(
            String name, ChannelNormalisation n, Function<List<Var>, Var> expanded, Var x, Var scale, Var shift) {
        boolean scaled = scale.isActive() || shift.isActive();
        Var value = Var.record(
                name,
                n.value(),
                () -> new ImageDerivative(n, x.isActive(), scaled),
                () -> Curvature.expansion(expanded, x, scale, shift),
                x,
                scale,
                shift);
        return new Normalised(value, n.mean(), n.variance());
    }

    /**
     * The derivative of {@link ChannelNormalisation}.
     *
     * @param images whether the images are differentiated
     * @param scaled whether scale or shift are
     */
    private record ImageDerivative(ChannelNormalisation n, boolean images, boolean scaled) implements LinearMap {
        @Override
        public Tensor push(@Nullable Tensor... tangents) {
            return n.push(tangents);
        }

        @Override
        public @Nullable Tensor[] pull(Tensor u) {
            return n.pull(u, images, scaled);
        }
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
        ChannelNormalisation.channels("scaleShift", s, scale.shape(), shift.shape());
        int[] channel = s.slice(1, s.rank()).withOnes(1, s.rank() - 1).dims(); // [C, 1, ...]
        return Arithmetic.multiplyAdd(x, scale.reshape(channel), shift.reshape(channel));
    }
}
