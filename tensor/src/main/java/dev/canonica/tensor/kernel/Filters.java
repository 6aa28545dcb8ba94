package dev.canonica.tensor.kernel;

/**
 * The sizes of a convolution: filters that slide over a batch of images. Group g of the filters sees group g of the channels alone.
 *
 * @param batch images
 * @param groups groups of channels and of filters
 * @param channels channels of an image in a group
 * @param outputs filters in a group
 */
public record Filters(int batch, int groups, int channels, int outputs, Window window) {
    /** Weights of a filter: channels · kernelHeight · kernelWidth. */
    public int filterSize() {
        return channels * window.kernelSize();
    }

    /**
     * The convolution of cotangents that the adjoint of this one by the images is, where its stride is 1: by the same filters turned by 180°, with channels and
     * outputs exchanged.
     */
    public Filters turned() {
        Window w = window;
        Window back = new Window(
                w.rows(),
                w.columns(),
                w.kernelHeight(),
                w.kernelWidth(),
                1,
                w.dilation(),
                w.dilation() * (w.kernelHeight() - 1) - w.top(),
                w.dilation() * (w.kernelWidth() - 1) - w.left(),
                w.height(),
                w.width());
        return new Filters(batch, groups, outputs, channels, back);
    }
}
