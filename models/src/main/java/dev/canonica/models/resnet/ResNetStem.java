package dev.canonica.models.resnet;

import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.nn.Place;
import dev.canonica.models.resnet.ResNetConfig.Stem;
import dev.canonica.tensor.operation.Convolution;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What comes before pooling and the stages: up to its last norm {@code bn1} and the function after it a convolution {@code conv1}, or three with norms and functions between them, which are
 * {@code conv1} together (He et al. 2019, Figure 2b).
 */
final class ResNetStem extends Composite {
    private static final String CONV = "conv1";
    private static final String NORM = "bn1";

    private final List<Between> before = new ArrayList<>();
    private final ConvNorm last;
    private final Function relu;

    /** One of the convolutions that others follow. */
    private record Between(ConvNorm convolution, Function relu) {}

    ResNetStem(ResNetConfig c) {
        super("");
        if (c.stem() == Stem.DEEP) {
            int in = c.inChannels();
            for (int out : c.deepStem().subList(0, c.deepStem().size() - 1)) {
                int i = 3 * before.size();
                ConvNorm step = add(new ConvNorm(deep(i, in, out), CONV + "." + (i + 1)));
                before.add(new Between(step, add(new Function(CONV + "." + (i + 2), Function.Kind.RELU))));
                in = out;
            }
            last = add(new ConvNorm(deep(3 * before.size(), in, c.stemOut()), new Place(CONV), NORM));
        } else {
            boolean large = c.stem() == Stem.IMAGENET;
            Convolution geometry = large ? Convolution.of(2, 3) : Convolution.of(1, 1);
            last = add(new ConvNorm(new Conv(CONV, c.inChannels(), c.stemOut(), large ? 7 : 3, geometry, false), NORM));
        }
        relu = add(new Function(c.stem() == Stem.DEEP ? "act1" : "relu", Function.Kind.RELU)); // timm's name
    }

    private static Conv deep(int i, int in, int out) {
        return new Conv(CONV + "." + i, in, out, 3, Convolution.of(i == 0 ? 2 : 1, 1), false);
    }

    void eachConvolution(Consumer<ConvNorm> visit) {
        before.forEach(b -> visit.accept(b.convolution));
        visit.accept(last);
    }

    Images forward(Pass pass, BatchNorm statistics, Images images) {
        Images x = images;
        for (Between b : before) {
            x = b.convolution.rectified(pass, statistics, x);
            if (pass.found()) {
                return x;
            }
            x.seen(pass, b.relu);
        }
        if (pass.found()) {
            return x;
        }
        x = last.rectified(pass, statistics, x);
        return pass.found() ? x : x.seen(pass, relu);
    }
}
