package dev.canonica.tensor.operation;

import dev.canonica.tensor.Operands;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.kernel.ChannelNorm;
import dev.canonica.tensor.memory.Addresses;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batch or group normalisation of images x [B, C, ...] with a scale and a shift for each channel, and its derivative:
 *
 * <pre>
 *   y = scale ⊙ ŷ + shift,   ŷ = (x − mean) / √(variance + ε)
 * </pre>
 *
 * The normalised images are computed again from x: they are not kept.
 */
public final class ChannelNormalisation {
    private final ChannelNorm sizes;
    private final Tensor x;
    private final Tensor scale;
    private final Tensor value;
    private final Tensor mean;
    private final Tensor variance;

    private ChannelNormalisation(ChannelNorm sizes, Tensor x, Tensor scale, Tensor shift) {
        this.sizes = sizes;
        this.x = x;
        this.scale = scale;
        value = x.like(x.shape());
        mean = x.like(Shape.of(sizes.rows()));
        variance = x.like(Shape.of(sizes.rows()));
        try (Addresses at = Addresses.open()) {
            x.kernels().channelNorm(sizes, point(at), at.of(shift), at.of(value));
        }
    }

    /**
     * Each channel over all images and positions (Ioffe &amp; Szegedy 2015, Algorithm 1). An image's output depends on the others of the batch.
     *
     * @param scale [C], and shift
     * @throws IllegalArgumentException if shapes do not fit
     */
    public static ChannelNormalisation batch(Tensor x, Tensor scale, Tensor shift, double epsilon) {
        check("batchNorm", x, scale, shift);
        Shape s = x.shape();
        return new ChannelNormalisation(ChannelNorm.batch(s.dim(0), s.dim(1), inner(s), epsilon), x, scale, shift);
    }

    /**
     * The channels in groups, each group of an image by itself (Wu &amp; He 2018, equations 1–6).
     *
     * @param scale [C], and shift
     * @throws IllegalArgumentException if shapes do not fit
     */
    public static ChannelNormalisation groups(Tensor x, int groups, Tensor scale, Tensor shift, double epsilon) {
        Shape s = x.shape();
        if (s.rank() < 2 || groups < 1 || s.dim(1) % groups != 0) {
            throw new IllegalArgumentException("groupNorm: " + groups + " groups of the channels of " + s
                    + ": needed [B, C, ...] with C a multiple of the groups");
        }
        check("groupNorm", x, scale, shift);
        return new ChannelNormalisation(
                ChannelNorm.groups(s.dim(0), s.dim(1), inner(s), groups, epsilon), x, scale, shift);
    }

    private static int inner(Shape s) {
        return Math.toIntExact(s.size(2, s.rank()));
    }

    private static void check(String operation, Tensor x, Tensor scale, Tensor shift) {
        Operands.sameType(operation, x, scale);
        Operands.sameType(operation, x, shift);
        channels(operation, x.shape(), scale.shape(), shift.shape());
    }

    /**
     * Checks that a scale and a shift are there for each channel.
     *
     * @param images [B, C, ...]
     * @throws IllegalArgumentException if shapes do not fit
     */
    public static void channels(String operation, Shape images, Shape scale, Shape shift) {
        if (images.rank() < 2) {
            throw new IllegalArgumentException(operation + ": [B, C, ...] needed, shape is " + images);
        }
        if (!scale.equals(Shape.of(images.dim(1))) || !shift.equals(scale)) {
            throw new IllegalArgumentException(operation + ": scale " + scale + " and shift " + shift + " for " + images
                    + ", needed " + Shape.of(images.dim(1)));
        }
    }

    /** y, of the shape of x. */
    public Tensor value() {
        return value;
    }

    /** The means that were subtracted: [C], or [B · groups]. */
    public Tensor mean() {
        return mean;
    }

    /** The variances, the biased ones. */
    public Tensor variance() {
        return variance;
    }

    /**
     * dy for K directions, [K, *x].
     *
     * @param tangents [K, *] of x, scale and shift, at least one; null for zero
     */
    public Tensor push(@Nullable Tensor... tangents) {
        int directions = Operands.directions(name(), List.of(x.shape(), scale.shape(), scale.shape()), tangents);
        Tensor dy = x.like(x.shape().prepend(directions));
        try (Addresses at = Addresses.open()) {
            ChannelNorm.Tangents d = tangents(at, tangents[0], tangents[1], tangents[2]);
            x.kernels().channelNormPush(sizes, directions, point(at), d, at.of(dy));
        }
        return dy;
    }

    /**
     * The adjoint of {@link #push}.
     *
     * @param u [K, *x]
     * @param images whether x's cotangent is wanted, else it is null
     * @param scaled whether those of scale and shift are, else they are null
     * @return cotangents [K, *] of x, scale and shift
     */
    public @Nullable Tensor[] pull(Tensor u, boolean images, boolean scaled) {
        int directions = Operands.directions(name() + ": pull", List.of(x.shape()), u);
        Shape planes = Shape.of(directions, sizes.images(), sizes.channels());
        Tensor dx = images ? u.like(u.shape()) : null;
        Tensor dScale = u.like(planes);
        Tensor dShift = u.like(planes);
        try (Addresses at = Addresses.open()) {
            ChannelNorm.Tangents d = tangents(at, dx, dScale, dShift);
            x.kernels().channelNormPull(sizes, directions, point(at), at.of(u), d);
        }
        return new Tensor[] {dx, scaled ? dScale.sum(1) : null, scaled ? dShift.sum(1) : null};
    }

    private String name() {
        return sizes.acrossImages() ? "batchNorm" : "groupNorm";
    }

    private ChannelNorm.Point point(Addresses at) {
        return new ChannelNorm.Point(at.of(x), at.of(scale), at.of(mean), at.of(variance));
    }

    private static ChannelNorm.Tangents tangents(
            Addresses at, @Nullable Tensor x, @Nullable Tensor scale, @Nullable Tensor shift) {
        return new ChannelNorm.Tangents(at.ofNullable(x), at.ofNullable(scale), at.ofNullable(shift));
    }
}
