package dev.canonica.cadistill.attack.check;

/**
 * What a self-check found.
 *
 * @param check its name, such as {@code zero-gradients}
 * @param warns whether it is a reason to doubt the figures
 * @param says what was seen, in a sentence
 */
public record Finding(String check, boolean warns, String says) {}
