package dev.canonica.models.resnet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.StateDict;
import dev.canonica.models.nn.Composite;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Layer;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.nn.Place;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Pixels;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A convolution without a bias, and the batch normalisation after it; together they are no module. Where the norm is {@linkplain BatchNorm#folded folded} into
 * the filters, the two are one convolution, and what follows them is done in its result; each layer that is asked for is the same to the bit, whatever else is.
 */
final class ConvNorm extends Composite {
    private final Conv conv;
    private final @Nullable Place sequence;
    private final Normalisation norm;

    ConvNorm(Conv conv, String norm) {
        this(conv, null, norm);
    }

    /**
     * A convolution that ends a module, and a norm.
     *
     * @param sequence the module whose last part the convolution is
     */
    ConvNorm(Conv conv, @Nullable Place sequence, String norm) {
        super("");
        this.conv = add(conv);
        this.sequence = sequence == null ? null : add(sequence);
        this.norm = add(new Normalisation(norm, conv.out()));
    }

    /** Adds this, folded, under the name of its norm. */
    void fold(Map<String, Tensor> parameters, Map<String, Tensor> buffers, Map<String, FoldedConv> to) {
        to.put(norm.path(), FoldedConv.of(conv.weight(), norm.path(), parameters, buffers));
    }

    /** Whether it can be computed with channels last on tensors like this one. */
    boolean suitsPixels(Tensor like) {
        return Pixels.suits(like, conv.geometry());
    }

    /** norm(conv(x)). */
    Images forward(Pass pass, BatchNorm statistics, Images x) {
        return x.through(pass, statistics, v -> normalised(pass, statistics, v));
    }

    private Images normalised(Pass pass, BatchNorm statistics, Images x) {
        FoldedConv folded = statistics.folded(norm.path());
        if (folded == null || wantsConvolution(pass)) {
            Var y = pass.apply(conv, x.planes());
            if (sequence != null) {
                pass.seen(sequence, y);
            }
            if (pass.found()) {
                return Images.planes(y);
            }
            if (folded == null) {
                return Images.planes(norm.forward(pass, statistics, y));
            }
        }
        return folded.forward(conv.geometry(), x).seen(pass, norm);
    }

    /** relu(norm(conv(x))). */
    Images rectified(Pass pass, BatchNorm statistics, Images x) {
        FoldedConv folded = statistics.folded(norm.path());
        if (folded == null || wantsParts(pass)) {
            Images y = forward(pass, statistics, x);
            return pass.found() ? y : y.relu();
        }
        return folded.rectified(conv.geometry(), x);
    }

    /**
     * relu(norm(conv(x)) + r).
     *
     * @param around gives r, which is computed after what is asked for here
     */
    Images rectified(Pass pass, BatchNorm statistics, Images x, Supplier<Images> around) {
        FoldedConv folded = statistics.folded(norm.path());
        if (folded == null || wantsParts(pass)) {
            Images y = forward(pass, statistics, x);
            if (pass.found()) {
                return y;
            }
            Images r = around.get();
            return pass.found() ? r : y.plus(r).relu();
        }
        Images r = around.get();
        return pass.found() ? r : folded.rectified(conv.geometry(), x, r);
    }

    private boolean wantsConvolution(Pass pass) {
        return pass.wants(conv) || (sequence != null && pass.wants(sequence));
    }

    private boolean wantsParts(Pass pass) {
        return wantsConvolution(pass) || pass.wants(norm);
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
