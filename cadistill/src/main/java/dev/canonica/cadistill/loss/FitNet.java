package dev.canonica.cadistill.loss;

import dev.canonica.autodiff.Losses;
import dev.canonica.autodiff.Var;

/** FitNet's hints (Romero et al., 2015): a learned linear map of the student's features is to give the teacher's. */
public final class FitNet {
    private FitNet() {}

    /**
     * The student's features mapped into the teacher's space: rows [n, p], or maps [B, p, H, W] at each place alike, which is a 1 × 1 convolution.
     *
     * @param weight W [q, p]
     * @param bias b [q]
     * @return W x + b: [n, q] or [B, q, H, W]
     */
    public static Var mapped(Var x, Var weight, Var bias) {
        return switch (x.shape().rank()) {
            case 2 -> x.linear(weight, bias);
            case 4 -> x.permute(0, 2, 3, 1).linear(weight, bias).permute(0, 3, 1, 2);
            default ->
                throw new IllegalArgumentException("fitnet: features [n, p] or [B, p, H, W] needed, not " + x.shape());
        };
    }

    /**
     * The mean over all elements of (W x + b − y)².
     *
     * @return a scalar
     */
    public static Var mse(Var x, Var y, Var weight, Var bias) {
        return Losses.meanSquaredError(mapped(x, weight, bias), y);
    }

    /**
     * Romero et al.'s equation 3 as it stands: ½ ‖W x + b − y‖² of a sample, the mean over samples. It is the mean squared error times half of the
     * elements of a sample.
     *
     * @return a scalar
     */
    public static Var halfSum(Var x, Var y, Var weight, Var bias) {
        double elements = (double) y.shape().size() / y.dim(0);
        return mse(x, y, weight, bias).times(elements / 2);
    }
}
