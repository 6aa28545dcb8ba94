package dev.canonica.tensor.kernel;

/**
 * A convolution whose images lie as [batch, height, width, channels], as do the outputs: the channels of a position are neighbours, so that a position is a row of a matrix product.
 *
 * @param filters the sizes; one group, and no dilation
 * @param planes whether the images, but not the outputs, lie as [batch, channels, height, width] still
 * @param turned whether the filters lie as those of the convolution that this one is the adjoint of: with channels and outputs exchanged, and turned by 180°
 * @param rectified whether outputs are the positive part of the sums, and a residual may be added before
 */
public record ChannelsLast(Filters filters, boolean planes, boolean turned, boolean rectified) {
    /**
     * Checked.
     *
     * @throws IllegalArgumentException if there are groups, or the filters are dilated
     */
    public ChannelsLast {
        if (!suits(filters)) {
            throw new IllegalArgumentException("convolution with channels last: " + filters.groups()
                    + " groups, dilation " + filters.window().dilation() + "; one and 1 needed");
        }
    }

    /** Whether there is such a form of this convolution. */
    public static boolean suits(Filters f) {
        return f.groups() == 1 && f.window().dilation() == 1;
    }
}
