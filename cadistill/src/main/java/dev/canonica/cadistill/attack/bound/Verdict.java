package dev.canonica.cadistill.attack.bound;

import dev.canonica.cadistill.attack.budget.Budget;

/** What is known of an image within a budget. */
public enum Verdict {
    /** No image within the budget is classified otherwise. */
    ROBUST,
    /** An image within the budget that is classified otherwise is at hand. */
    BROKEN,
    /** Neither is known. */
    UNDECIDED;

    /**
     * The verdict of a lower bound and of an attack.
     *
     * @param radius no perturbation of a smaller length changes the class
     * @param broken whether one within the budget that does is at hand
     * @throws IllegalStateException if both are said to be so
     */
    public static Verdict of(Budget budget, double radius, boolean broken) {
        boolean robust = radius >= budget.eps();
        if (robust && broken) {
            throw new IllegalStateException("an image that no perturbation of a length below " + radius
                    + " changes is said to be broken within " + budget.eps());
        }
        return robust ? ROBUST : broken ? BROKEN : UNDECIDED;
    }
}
