package dev.canonica.clarid;

/**
 * How many directions are removed.
 *
 * @param fixed a number, or 0 for the elbow of each image's spectrum
 */
public record KChoice(int fixed) {
    /** The elbow of each image's spectrum (arXiv 2506.09955: adaptive k). */
    public static final KChoice ADAPTIVE = new KChoice(0);

    /** The number of directions removed from an image, of its spectrum's elbow. */
    public int of(int elbow) {
        return fixed == 0 ? elbow : fixed;
    }
}
