package dev.canonica.tensor.kernel;

/**
 * Normalisation of images [images, channels, inner] to mean 0 and variance 1 over some planes at a time, followed by a scale and a shift for each
 * channel. The planes of an image and a channel that share a mean and a variance are called a row:
 *
 * <ul>
 *   <li>across images, as batch normalisation does: a row is a channel of all images;
 *   <li>else, as group normalisation does: a row is a group of neighbouring channels of one image.
 * </ul>
 *
 * @param inner elements of a plane
 * @param groups of channels; 1 across images
 * @param epsilon added to the variance
 */
public record ChannelNorm(int images, int channels, int inner, int groups, boolean acrossImages, double epsilon) {
    /**
     * Where images are normalised: addresses of the images, of a scale for each channel, and of the mean and variance of each row.
     */
    public record Point(long x, long scale, long mean, long variance) {}

    /** Addresses of tangents or cotangents of the images, the scales and the shifts, for some directions; 0 for none. */
    public record Tangents(long x, long scale, long shift) {}

    /** Batch normalisation (Ioffe &amp; Szegedy 2015). */
    public static ChannelNorm batch(int images, int channels, int inner, double epsilon) {
        return new ChannelNorm(images, channels, inner, 1, true, epsilon);
    }

    /** Group normalisation (Wu &amp; He 2018). */
    public static ChannelNorm groups(int images, int channels, int inner, int groups, double epsilon) {
        return new ChannelNorm(images, channels, inner, groups, false, epsilon);
    }

    /** The number of means and of variances. */
    public int rows() {
        return acrossImages ? channels : images * groups;
    }

    /** Planes of a row. */
    public int planes() {
        return acrossImages ? images : channels / groups;
    }

    /** Elements of a row. */
    public long rowSize() {
        return (long) planes() * inner;
    }

    /** Where plane i of a row lies, in planes; the channel is that modulo the channels. */
    public int plane(int row, int i) {
        return acrossImages ? i * channels + row : row * planes() + i;
    }

    /** Elements of all images. */
    public long size() {
        return (long) images * channels * inner;
    }
}
