package dev.canonica.models.resnet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A residual network (He et al. 2016; Wide ResNet: Zagoruyko &amp; Komodakis 2016) under torchvision's names. */
public final class ResNet implements Classifier {
    private static final String COUNTER = ".num_batches_tracked";

    /** How it is read and written. */
    public static final ModelFamily<ResNet> FAMILY = ModelFamily.of(
            ResNet.class,
            (c, stateDict) -> new ResNet(ResNetConfig.read(c), stateDict),
            network -> network.config().toMap(),
            "ResNet");

    private final ResNetConfig config;
    private final ResNetLayers network;
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Map<String, Tensor> buffers = new LinkedHashMap<>();
    private final List<String> layers;

    /**
     * A network from its state dict; counters of batches ({@code num_batches_tracked}) have no influence and may be missing.
     *
     * @throws ModelException if a tensor is missing, unknown or of another shape
     */
    public ResNet(ResNetConfig config, Map<String, Tensor> stateDict) {
        this.config = config;
        this.network = new ResNetLayers(config);
        StateDict.Shapes shapes = network.shapes();
        StateDict.checked("ResNet", shapes.map(), StateDict.without(stateDict, COUNTER))
                .forEach((name, t) -> (shapes.buffers().contains(name) ? buffers : parameters).put(name, t));
        List<String> names = new ArrayList<>(network.layers());
        names.add(Probe.OUTPUT);
        layers = List.copyOf(names);
    }

    /** A network to train, with random weights: see {@link ResNetInitialiser}. */
    public static ResNet initialised(ResNetConfig config, long seed) {
        return new ResNet(config, ResNetInitialiser.stateDict(config, seed));
    }

    /** The names and shapes of parameters and running statistics. */
    public static Map<String, Shape> shapes(ResNetConfig c) {
        return new ResNetLayers(c).shapes().map();
    }

    /** The constructor arguments. */
    public ResNetConfig config() {
        return config;
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    /** The running statistics. */
    @Override
    public Map<String, Tensor> buffers() {
        return buffers;
    }

    @Override
    public List<String> layers() {
        return layers;
    }

    @Override
    public int classes() {
        return config.numClasses();
    }

    @Override
    public Var forward(Weights w, Var x, String layer) {
        return forward(w, x, layer, BatchNorm.evaluation(buffers));
    }

    @Override
    public Trained training(Weights w, Var x) {
        BatchNorm.Training norm = BatchNorm.training();
        return new Trained(forward(w, x, Probe.OUTPUT, norm), () -> norm.updated(buffers));
    }

    @Override
    public Var training(Weights w, Var x, String layer) {
        return forward(w, x, layer, BatchNorm.training());
    }

    /**
     * A layer's output; nothing after it is computed.
     *
     * @param w parameters
     * @param x images [B, 3, H, W]
     * @param layer one of {@link #layers}; {@code output} gives [B, classes]
     * @param norm evaluation or training
     */
    public Var forward(Weights w, Var x, String layer, BatchNorm norm) {
        if (x.shape().rank() != 4 || x.dim(1) != 3) {
            throw new ModelException("ResNet: shape " + x.shape() + ", needed [B, 3, H, W]");
        }
        Probe probe = new Probe(layer).checked(layers);
        probe.at(Probe.OUTPUT, network.forward(new Pass(w, probe), norm, x));
        return probe.value();
    }
}
