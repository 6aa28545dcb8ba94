package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Magnitudes;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;

/**
 * Attention transfer (Zagoruyko &amp; Komodakis 2017): where a layer's activation is strong, the student's is to be strong, too. Maps of two layers of
 * one height and width, student's [B, C, H, W] and teacher's [B, C', H, W]:
 *
 * <pre>
 *   Q = vec(mean over channels of a²), brought to norm 1 (divided by 1e-12 where it is no more)
 * </pre>
 */
public final class AttentionTransfer {
    /** The least length by which maps are divided. */
    public static final double FLOOR = 1e-12;

    private AttentionTransfer() {}

    /** Each sample is brought near 1 before it is squared, which divides out but for the floor. */
    private static Var attention(Var a) {
        int places = Math.toIntExact(a.shape().size(2, 4));
        int samples = a.dim(0);
        Tensor near = Magnitudes.ofRows(
                a.value().reshape(samples, Math.toIntExact(a.shape().size(1, 4))));
        Var scaled = near == null ? a : a.times(Var.constant(near.reshape(samples, 1, 1, 1)));
        return Normalisation.unit(
                scaled.square().mean(1).reshape(samples, places),
                near == null
                        ? Tensor.full(a.value().device(), a.value().dtype(), Shape.of(samples, 1), FLOOR)
                        : floors(near));
    }

    private static Tensor floors(Tensor near) {
        double[] floors =
                Arrays.stream(near.toDoubles()).map(s -> s * s * FLOOR).toArray();
        return Tensor.of(floors, floors.length, 1).to(near.dtype()).to(near.device());
    }

    /** How many samples have a map that is not 0 and no longer than the floor: what is made of it depends on the activation's unit. */
    public static int atFloor(Tensor a) {
        double[] values = a.toDoubles();
        int each = values.length / Math.max(1, a.dim(0));
        int places = a.dim(2) * a.dim(3);
        int count = 0;
        for (int b = 0; b < a.dim(0); b++) {
            double greatest = 0;
            double[] q = new double[places];
            for (int i = 0; i < each; i++) {
                double v = values[b * each + i];
                greatest = Math.max(greatest, Math.abs(v));
                q[i % places] += v * v / a.dim(1);
            }
            double squares = Arrays.stream(q).map(v -> v * v).sum();
            count += greatest > 0 && squares <= FLOOR * FLOOR ? 1 : 0;
        }
        return count;
    }

    private static void check(Var x, Var y) {
        if (x.shape().rank() != 4
                || y.shape().rank() != 4
                || x.dim(0) != y.dim(0)
                || x.dim(2) != y.dim(2)
                || x.dim(3) != y.dim(3)) {
            throw new IllegalArgumentException(
                    "at: maps [B, C, H, W] of the same samples and places needed, not %s and %s"
                            .formatted(x.shape(), y.shape()));
        }
    }

    /**
     * The authors' code: the mean over samples and places of (Q_S − Q_T)². The weight of 1000 that is usual belongs to this form.
     *
     * @return a scalar
     */
    public static Var loss(Var x, Var y) {
        check(x, y);
        return Losses.meanSquaredError(attention(x), attention(y));
    }

    /**
     * The paper's equation 2 with β = 1: ½ ‖Q_S − Q_T‖, the mean over samples.
     *
     * @return a scalar
     */
    public static Var halfNorm(Var x, Var y) {
        check(x, y);
        return Reductions.norm(attention(x).minus(attention(y))).mean().times(0.5);
    }
}
