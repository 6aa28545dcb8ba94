package dev.canonica.tensor.operation;

import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;

/** Sums of all elements up to each, by adding what lies 1, 2, 4, … places before: ⌈log₂ n⌉ passes, on any device. */
public final class Scans {
    private Scans() {}

    /**
     * y[j] = Σ_{i ≤ j} x[i] along an axis.
     *
     * @param x of a real type
     */
    public static Tensor cumulativeSum(Tensor x, int axis) {
        return scan(x, axis, false);
    }

    /** y[j] = Σ_{i ≥ j} x[i] along an axis: the adjoint of {@link #cumulativeSum}. */
    public static Tensor cumulativeSumReversed(Tensor x, int axis) {
        return scan(x, axis, true);
    }

    private static Tensor scan(Tensor x, int axis, boolean reversed) {
        int n = x.dim(axis);
        Tensor y = x.affine(1, 0);
        for (long step = 1; step < n; step *= 2) {
            int s = (int) step;
            try (Scope scope = Scope.open()) {
                Tensor shifted = reversed
                        ? y.slice(axis, s, n).pad(axis, 0, s)
                        : y.slice(axis, 0, n - s).pad(axis, s, 0);
                Tensor sum = scope.keep(y.plus(shifted));
                y.close();
                y = sum;
            }
        }
        return y;
    }
}
