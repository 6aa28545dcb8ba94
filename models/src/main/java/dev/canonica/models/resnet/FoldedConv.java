package dev.canonica.models.resnet;

import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.PixelConvolutions;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import java.util.Map;
import java.util.Objects;

/**
 * A convolution with the norm after it in one: batch normalisation by fixed statistics is an affine map of each channel (Ioffe &amp; Szegedy 2015, Algorithm 2), so that
 *
 * <pre>
 *   scale (w ⋆ x) + shift = (scale w) ⋆ x + shift
 * </pre>
 *
 * @param filters scale w, [O, C/groups, kh, kw]
 * @param shift [O]
 * @param last whether its outputs have channels last
 */
record FoldedConv(Tensor filters, Tensor shift, boolean last) {
    /**
     * A convolution and its norm as parameters and running statistics are now.
     *
     * @param filters the name of the convolution's filters
     * @param norm the name of the norm
     */
    static FoldedConv of(String filters, String norm, Map<String, Tensor> parameters, Map<String, Tensor> buffers) {
        Tensor w = get(parameters, filters);
        try (Scope scope = Scope.open()) {
            Tensor scale = get(parameters, norm + BatchNorm.WEIGHT).times(BatchNorm.reciprocal(buffers, norm));
            Tensor shift =
                    get(parameters, norm + BatchNorm.BIAS).minus(scale.times(get(buffers, norm + BatchNorm.MEAN)));
            return new FoldedConv(
                    scope.keep(w.times(scale.reshape(w.dim(0), 1, 1, 1))).reused(), scope.keep(shift), false);
        }
    }

    private static Tensor get(Map<String, Tensor> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    /** This with channels last. */
    FoldedConv channelsLast() {
        return new FoldedConv(filters, shift, true);
    }

    Images forward(Convolution geometry, Images x) {
        return last
                ? Images.pixels(PixelConvolutions.convolution(geometry, x.value(), !x.last(), filters, shift))
                : Images.planes(
                        Convolutions.convolution(geometry, x.planes(), Var.constant(filters), Var.constant(shift)));
    }

    Images rectified(Convolution geometry, Images x) {
        return last
                ? Images.pixels(PixelConvolutions.rectified(geometry, x.value(), !x.last(), filters, shift))
                : Images.planes(
                        Convolutions.rectified(geometry, x.planes(), Var.constant(filters), Var.constant(shift)));
    }

    Images rectified(Convolution geometry, Images x, Images around) {
        return last
                ? Images.pixels(
                        PixelConvolutions.rectified(geometry, x.value(), !x.last(), filters, shift, around.pixels()))
                : Images.planes(Convolutions.rectified(
                        geometry, x.planes(), Var.constant(filters), Var.constant(shift), around.planes()));
    }
}
