package dev.canonica.models.resnet;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Layouts;
import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.models.nn.Layer;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.operation.Pixels;
import dev.canonica.tensor.operation.PoolWindow;
import java.util.function.UnaryOperator;

/**
 * A batch of images on its way through a residual network.
 *
 * @param value planes [B, C, H, W], or [B, H, W, C]
 * @param last whether channels are the last axis
 */
record Images(Var value, boolean last) {
    /** [B, C, H, W]. */
    static Images planes(Var planes) {
        return new Images(planes, false);
    }

    /** [B, H, W, C]. */
    static Images pixels(Var pixels) {
        return new Images(pixels, true);
    }

    /** As planes [B, C, H, W]. */
    Var planes() {
        return last ? Layouts.permute(value, 0, 3, 1, 2) : value;
    }

    /** With channels last, [B, H, W, C]. */
    Var pixels() {
        return last ? value : Layouts.permute(value, 0, 2, 3, 1);
    }

    /** Shows these, a layer's output, to the probe, as planes. */
    Images seen(Pass pass, Layer layer) {
        if (pass.wants(layer)) {
            pass.seen(layer, planes());
        }
        return this;
    }

    /**
     * What a stretch of the network makes of these, its other values {@linkplain Pass#ending ending} with it. On a way with channels last all are {@linkplain #release released} one by one, which is sooner.
     */
    Images through(Pass pass, BatchNorm norm, UnaryOperator<Images> stretch) {
        if (norm.isLast()) {
            return stretch.apply(this);
        }
        return planes(pass.ending(value, () -> stretch.apply(this).value()));
    }

    Images relu() {
        return new Images(Activations.relu(value), last);
    }

    /** The sum with images that lie as these do. */
    Images plus(Images other) {
        return new Images(value.plus(other.value), last);
    }

    /**
     * Gives the memory of these back, so that what is computed next finds it in the cache, where they have channels last and nothing is differentiated: then nobody else has them. Planes are the probe's, too.
     */
    void release() {
        if (last && !value.isActive()) {
            value.value().close();
        }
    }

    /** {@link Pooling#max(PoolWindow, Var)}. */
    Images max(PoolWindow w) {
        if (!last) {
            return planes(Pooling.max(w, value));
        }
        return value.isActive()
                ? pixels(planes(Pooling.max(w, planes())).pixels())
                : pixels(Var.constant(Pixels.max(w, value.value())));
    }

    /** The mean of each plane, [B, C]. */
    Var mean() {
        if (!last) {
            return Pooling.globalAverage(value);
        }
        int positions = Math.multiplyExact(value.dim(1), value.dim(2));
        return Reductions.mean(value.reshape(value.dim(0), positions, value.dim(3)), 1);
    }

    /** The mean of 2×2, at the far edges of what there is of them; as planes. */
    Images halved() {
        return planes(Pooling.average(PoolWindow.tiles(2), even(3, even(2, planes()))));
    }

    private static Var even(int axis, Var x) {
        int n = x.dim(axis);
        return n % 2 == 0 ? x : Layouts.concatenate(axis, x, x.slice(axis, n - 1, n));
    }
}
