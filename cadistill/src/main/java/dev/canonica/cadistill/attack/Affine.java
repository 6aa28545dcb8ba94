package dev.canonica.cadistill.attack;

/**
 * Logits that are linear in an image: z = W x + b.
 *
 * @param weights W, a row for each class
 * @param bias b
 */
public record Affine(double[][] weights, double[] bias) {}
