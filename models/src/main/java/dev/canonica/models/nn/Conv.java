package dev.canonica.models.nn;

import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.operation.Convolution;

/**
 * A convolution of images [B, in, H, W] with {@code weight} [out, in / groups, kernel, kernel] and {@code bias} [out].
 *
 * @param geometry stride, padding and groups
 * @param biased whether there is a bias
 */
public record Conv(String path, int in, int out, int kernel, Convolution geometry, boolean biased) implements Part {
    /** A convolution with a bias that keeps height and width: [B, in, H, W] → [B, out, H, W], filters of kernel × kernel, which is odd. */
    public static Conv same(String path, int in, int out, int kernel) {
        return new Conv(path, in, out, kernel, Convolution.same(kernel), true);
    }

    @Override
    public void declare(StateDict.Shapes shapes) {
        shapes.put(weight(), out, in / geometry.groups(), kernel, kernel);
        if (biased) {
            shapes.put(bias(), out);
        }
    }

    @Override
    public Var forward(Pass pass, Var x) {
        Var w = pass.filters(weight());
        return biased
                ? Convolutions.convolution(geometry, x, w, pass.parameter(bias()))
                : Convolutions.convolution(geometry, x, w);
    }

    /** The name of its filters. */
    public String weight() {
        return path + ".weight";
    }

    private String bias() {
        return path + ".bias";
    }
}
