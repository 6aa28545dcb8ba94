package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Normalisation;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;

/**
 * Attention transfer (Zagoruyko &amp; Komodakis 2017): where a layer's activation is strong, the student's is to be strong, too. Maps of two layers of
 * one height and width, student's [B, C, H, W] and teacher's [B, C', H, W]:
 *
 * <pre>
 *   Q = vec(mean over channels of a²), brought to norm 1 (divided by 1e-12 where it is no more)
 * </pre>
 */
public final class AttentionTransfer {
    private static final double FLOOR = 1e-12;

    private AttentionTransfer() {}

    private static Var attention(Var a) {
        int places = Math.toIntExact(a.shape().size(2, 4));
        return Normalisation.unit(a.square().mean(1).reshape(a.dim(0), places), FLOOR);
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
     * The paper's Eq. 2 with β = 1: ½ ‖Q_S − Q_T‖, the mean over samples.
     *
     * @return a scalar
     */
    public static Var halfNorm(Var x, Var y) {
        check(x, y);
        return Reductions.norm(attention(x).minus(attention(y))).mean().times(0.5);
    }
}
