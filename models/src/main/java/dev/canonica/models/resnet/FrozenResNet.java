package dev.canonica.models.resnet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.Weights;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Pixels;
import java.util.List;
import java.util.Map;

/**
 * A residual network whose norms are folded into its filters. Where the device has kernels for it, images have channels last on their way through it (see {@link Pixels}), whether derivatives are asked for or not: values are the
 * same bits, in any batch. Layers are given as planes.
 *
 * @param norm the folded norms
 * @param pixels the same with channels last
 */
record FrozenResNet(ResNet network, BatchNorm norm, BatchNorm pixels) implements Classifier {
    @Override
    public Map<String, Tensor> parameters() {
        return network.parameters();
    }

    @Override
    public Map<String, Tensor> buffers() {
        return network.buffers();
    }

    @Override
    public List<String> layers() {
        return network.layers();
    }

    @Override
    public int classes() {
        return network.classes();
    }

    @Override
    public int channels() {
        return network.channels();
    }

    /** By other weights than those that were frozen: nothing is folded. */
    @Override
    public Var forward(Weights w, Var x, String layer) {
        return network.forward(w, x, layer);
    }

    @Override
    public Var training(Weights w, Var x, String layer) {
        return network.training(w, x, layer);
    }

    @Override
    public Trained training(Weights w, Var x) {
        return network.training(w, x);
    }

    @Override
    public Var features(Var x, String layer) {
        return network.forward(Weights.constant(parameters()), x, layer, norm(x));
    }

    /** What norms are for these images. */
    BatchNorm norm(Var x) {
        return network.suitsPixels(x.value()) ? pixels : norm;
    }
}
