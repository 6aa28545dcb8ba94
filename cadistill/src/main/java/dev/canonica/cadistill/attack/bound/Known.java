package dev.canonica.cadistill.attack.bound;

/**
 * What is known of an image within a budget.
 *
 * @param radius no perturbation that is shorter changes its class; 0 where no such bound is known
 */
public record Known(double radius, Verdict verdict) {}
