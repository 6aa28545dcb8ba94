package dev.canonica.models.resnet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Layer;
import dev.canonica.models.nn.Pass;

/** A convolution without a bias, and the batch normalisation after it; together they are no module. */
final class ConvNorm extends Composite {
    private final Conv conv;
    private final Normalisation norm;

    ConvNorm(Conv conv, String norm) {
        super("");
        this.conv = add(conv);
        this.norm = add(new Normalisation(norm, conv.out()));
    }

    Var forward(Pass pass, BatchNorm statistics, Var x) {
        Var y = pass.apply(conv, x);
        return pass.found() ? y : norm.forward(pass, statistics, y);
    }

    /** Scale, shift and running statistics, [C] each. */
    record Normalisation(String path, int channels) implements Layer {
        @Override
        public void declare(StateDict.Shapes shapes) {
            shapes.put(path + ".weight", channels)
                    .put(path + ".bias", channels)
                    .putBuffer(path + BatchNorm.MEAN, channels)
                    .putBuffer(path + BatchNorm.VARIANCE, channels);
        }

        Var forward(Pass pass, BatchNorm statistics, Var x) {
            return pass.seen(this, statistics.apply(pass, path, x));
        }
    }
}
