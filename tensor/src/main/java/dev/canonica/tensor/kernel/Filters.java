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
}
