package dev.canonica.cadistill.attack.budget;

/**
 * How far a perturbation may go.
 *
 * @param norm by which it is measured
 * @param eps at most this, for values in [0, 1]
 */
public record Budget(Norm norm, double eps) {
    /** What rounding to float may add to a length. */
    private static final double ROUNDING = 1e-6;

    /** Checks ε. */
    public Budget {
        if (!(eps > 0) || !Double.isFinite(eps)) {
            throw new IllegalArgumentException("budget: eps " + eps + ": a number above 0 is needed");
        }
    }

    /** Whether a perturbation of this length is allowed, up to rounding. */
    public boolean allows(double length) {
        return length <= eps * (1 + ROUNDING) + 1e-7;
    }
}
