package dev.canonica.autodiff;

import dev.canonica.tensor.Addresses;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.ChannelNorm;
import org.jspecify.annotations.Nullable;

/**
 * The derivative of {@link dev.canonica.tensor.kernel.Kernels#channelNorm} at images x, with the statistics that were found there. The normalised images are
 * computed again from x: they are not kept.
 *
 * @param scaled whether scale or shift are differentiated
 */
record ChannelNormalisation(
        ChannelNorm c, Tensor x, Tensor scale, Tensor mean, Tensor variance, boolean images, boolean scaled)
        implements LinearMap {
    /** The primitive, and its mean and variance for each row. */
    static Normalisation.Normalised of(String name, ChannelNorm c, Var x, Var scale, Var shift) {
        Tensor tx = x.value();
        Tensor ts = scale.value();
        Tensor y = Tensor.uninitialised(tx.device(), tx.dtype(), tx.shape());
        Tensor mean = Tensor.uninitialised(tx.device(), tx.dtype(), Shape.of(c.rows()));
        Tensor variance = Tensor.uninitialised(tx.device(), tx.dtype(), Shape.of(c.rows()));
        try (Addresses at = Addresses.open()) {
            tx.kernels()
                    .channelNorm(c, at.of(tx), at.of(ts), at.of(shift.value()), at.of(y), at.of(mean), at.of(variance));
        }
        boolean scaled = scale.isActive() || shift.isActive();
        Var value = Var.record(
                name,
                y,
                () -> new ChannelNormalisation(c, tx, ts, mean, variance, x.isActive(), scaled),
                x,
                scale,
                shift);
        return new Normalisation.Normalised(value, mean, variance);
    }

    @Override
    public Tensor push(@Nullable Tensor... t) {
        int directions = directions(t);
        Tensor dy = Tensor.uninitialised(x.device(), x.dtype(), x.shape().prepend(directions));
        try (Addresses at = Addresses.open()) {
            x.kernels()
                    .channelNormPush(
                            c,
                            directions,
                            at.of(x),
                            at.of(scale),
                            at.of(mean),
                            at.of(variance),
                            at.ofNullable(t[0]),
                            at.ofNullable(t[1]),
                            at.ofNullable(t[2]),
                            at.of(dy));
        }
        return dy;
    }

    @Override
    public @Nullable Tensor[] pull(Tensor u) {
        int directions = u.dim(0);
        Shape planes = Shape.of(directions, c.images(), c.channels());
        Tensor dx = images ? Tensor.uninitialised(u.device(), u.dtype(), u.shape()) : null;
        Tensor dScale = Tensor.uninitialised(u.device(), u.dtype(), planes);
        Tensor dShift = Tensor.uninitialised(u.device(), u.dtype(), planes);
        try (Addresses at = Addresses.open()) {
            x.kernels()
                    .channelNormPull(
                            c,
                            directions,
                            at.of(x),
                            at.of(scale),
                            at.of(mean),
                            at.of(variance),
                            at.of(u),
                            at.ofNullable(dx),
                            at.of(dScale),
                            at.of(dShift));
        }
        return new Tensor[] {dx, scaled ? dScale.sum(1) : null, scaled ? dShift.sum(1) : null};
    }

    private static int directions(@Nullable Tensor... tangents) {
        for (Tensor t : tangents) {
            if (t != null) {
                return t.dim(0);
            }
        }
        throw new IllegalArgumentException("push: no tangent given for any differentiated input");
    }
}
