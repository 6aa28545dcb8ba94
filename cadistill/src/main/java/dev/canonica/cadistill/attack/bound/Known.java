package dev.canonica.cadistill.attack.bound;

/**
 * What is known of an image within a budget.
 *
 * @param radius it is classified rightly under any perturbation that is shorter; 0 where no such bound is known
 */
public record Known(double radius, Verdict verdict) {}
