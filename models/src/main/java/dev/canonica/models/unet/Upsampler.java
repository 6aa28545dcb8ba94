package dev.canonica.models.unet;

import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Enlarging;
import dev.canonica.models.nn.Pass;

/** {@code Upsample2D}: nearest neighbours, then a 3 × 3 convolution. */
final class Upsampler extends Composite implements Enlarging {
    private final Conv conv;

    Upsampler(String path, int channels) {
        super(path);
        conv = add(Conv.same(within("conv"), channels, channels, 3));
    }

    @Override
    public Var forward(Pass pass, Var x, int height, int width) {
        return pass.apply(conv, Pooling.upsample(x, 2).slice(2, 0, height).slice(3, 0, width));
    }

    /** To twice the size. */
    @Override
    public Var forward(Pass pass, Var x) {
        return pass.apply(conv, Pooling.upsample(x, 2));
    }
}
