package dev.canonica.models.unet;

import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;

/** {@code Upsample2D}: nearest neighbours, then a 3 × 3 convolution. */
final class Upsampler extends Composite implements Part {
    private final Conv conv;

    Upsampler(String path, int channels) {
        super(path);
        conv = add(Conv.same(within("conv"), channels, channels, 3));
    }

    @Override
    public Var forward(Pass pass, Var x) {
        return pass.apply(conv, Pooling.upsample(x, 2));
    }
}
