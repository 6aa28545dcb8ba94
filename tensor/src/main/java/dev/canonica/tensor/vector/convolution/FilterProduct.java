package dev.canonica.tensor.vector.convolution;

import dev.canonica.tensor.kernel.Filters;
import dev.canonica.tensor.vector.product.Microkernels;

/** A convolution as products of its filters with what lies under them, in the form that suits it. */
sealed interface FilterProduct permits PatchProduct, WinogradProduct {
    /**
     * A convolution.
     *
     * @param weights the filters' address; 0 where they are not read
     * @param turned whether the filters lie as those of the convolution that this is the adjoint of: with channels and outputs exchanged,
     *     and turned by 180°
     */
    static FilterProduct of(Microkernels micro, Filters f, long weights, boolean turned) {
        return Winograd.suits(micro.emission(), f)
                ? new WinogradProduct(micro, f, weights, turned)
                : new PatchProduct(micro, f, weights, turned);
    }

    /** Bytes of all filters, packed. */
    long packedBytes();

    /** Writes all filters, packed. */
    void pack(long target);

    /**
     * The outputs of images.
     *
     * @param pixels the images
     * @param packed what {@link #pack} made of the filters, or 0
     * @param biases their address; 0 for none
     */
    void compute(long pixels, long packed, long biases, long outputs);
}
