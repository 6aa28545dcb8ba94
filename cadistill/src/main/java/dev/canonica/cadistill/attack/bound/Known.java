package dev.canonica.cadistill.attack.bound;

/**
 * What is known of an image within a budget.
 *
 * @param radius it is classified rightly under any perturbation that is shorter; 0 where no such bound is known
 * @param broken length of the least change at hand that breaks it; 0 where the image itself is classified wrongly, NaN where none is at hand
 */
public record Known(double radius, Verdict verdict, double broken) {}
