package dev.canonica.models.unet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.operation.Convolution;

/** {@code Downsample2D}: a 3 × 3 convolution with stride 2. */
final class Downsampler extends Composite implements Part {
    private final Conv conv;

    /**
     * A module.
     *
     * @param padding 0 means one row and column of zeros at the far ends alone
     */
    Downsampler(String path, int channels, int padding) {
        super(path);
        Convolution c = padding == 0 ? new Convolution(2, 0, 1, 0, 1, 1, 1) : Convolution.of(2, padding);
        conv = add(new Conv(within("conv"), channels, channels, 3, c, true));
    }

    @Override
    public Var forward(Pass pass, Var x) {
        return pass.apply(conv, x);
    }
}
