package dev.canonica.clarid.report.data;

/**
 * A number that is taken of every sample, for example the variance of its background.
 *
 * @param name short, with a capital: {@code Background variance}; the key in {@link Sample#values}
 * @param explanation one phrase: {@code relative to the reconstruction, outside of the mask}
 * @param better which way a canonical sample should move it
 */
public record Measure(String name, String explanation, Better better) {

    /** Which values are good. */
    public enum Better {
        /** Small ones are good: the variance of the background. */
        LOWER,
        /** Great ones are good: the likeness of the object. */
        HIGHER,
        /** Neither: the number describes, it does not judge. */
        NEITHER
    }
}
