package dev.canonica.models.resnet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A residual network (He et al., 2016; Wide ResNet: Zagoruyko &amp; Komodakis 2016) under torchvision's names. */
public final class ResNet implements Classifier {
    private static final String OWN = "ResNet";
    private static final String COUNTER = ".num_batches_tracked";

    /** How it is read and written. */
    public static final ModelFamily<ResNet> FAMILY = ModelFamily.of(
                    ResNet.class,
                    (c, stateDict) -> new ResNet(config(c, stateDict), stateDict),
                    network -> network.config().toMap(),
                    OWN)
            .named(name -> PublishedName.of(name).isPresent())
            .recognising(ResNet::recognised)
            .marked("conv1.weight", "bn1.weight", "layer1.0.conv1.weight")
            .marked("conv1.0.weight", "bn1.weight", "layer1.0.conv1.weight");

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
        BatchNorm.check(StateDict.name("ResNet", stateDict), buffers);
        List<String> names = new ArrayList<>(network.layers());
        names.add(Probe.OUTPUT);
        layers = List.copyOf(names);
    }

    private static ResNetConfig config(JsonConfig c, Map<String, Tensor> stateDict) {
        return c.className().equals(OWN) ? ResNetConfig.read(c, stateDict) : TimmResNets.read(c, stateDict);
    }

    /** A network of a checkpoint without a configuration; the name that the training's options have for it must be one of it. */
    private static Optional<ResNet> recognised(Checkpoint checkpoint, Map<String, Tensor> stateDict) {
        Optional<ResNetConfig> config = ResNetShapes.infer(stateDict);
        for (String key : new String[] {Checkpoint.ARCHITECTURE, Checkpoint.TRAINED_MODEL}) {
            config.ifPresent(found -> PublishedName.of(checkpoint.metadata().getOrDefault(key, ""))
                    .ifPresent(name -> name.check(checkpoint.file() + ": " + key, found)));
        }
        return config.map(found -> new ResNet(found, stateDict));
    }

    /** A network to train, with random weights: see {@link ResNetInitialiser}. */
    public static ResNet initialised(ResNetConfig config, long seed) {
        return new ResNet(config, ResNetInitialiser.stateDict(config, seed));
    }

    /**
     * This network with a new last layer of random weights ({@link ResNetInitialiser}), for classes of one's own: all else is a copy, so that training it leaves this one as it is.
     *
     * @param classes how many, at least 1
     */
    public ResNet withClasses(int classes, long seed) {
        if (classes < 1) {
            throw new ModelException("ResNet: " + classes + " classes; at least one is needed");
        }
        ResNetConfig other = config.withClasses(classes);
        Map<String, Tensor> initial = ResNetInitialiser.stateDict(other, seed);
        Map<String, Tensor> all = new LinkedHashMap<>(parameters);
        all.putAll(buffers);
        Map<String, Tensor> stateDict = new LinkedHashMap<>();
        initial.forEach((name, t) -> {
            Tensor kept = name.startsWith("fc.") ? null : all.get(name);
            stateDict.put(name, kept == null ? t.to(dtype()) : kept.times(1));
        });
        return new ResNet(other, stateDict);
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
    public int channels() {
        return config.inChannels();
    }

    /** Number of classes; 0 for a network without its last layer {@code fc}, whose output is features. */
    @Override
    public int classes() {
        return config.numClasses();
    }

    @Override
    public Var forward(Weights w, Var x, String layer) {
        return forward(w, x, layer, BatchNorm.evaluation(buffers));
    }

    @Override
    public Classifier frozen() {
        Map<String, FoldedConv> folded = new LinkedHashMap<>();
        Scope.outside(() -> {
            network.eachConvolution(c -> c.fold(parameters, buffers, folded));
            return folded;
        });
        Map<String, FoldedConv> pixels = new LinkedHashMap<>();
        folded.forEach((name, c) -> pixels.put(name, c.channelsLast()));
        return new FrozenResNet(this, BatchNorm.folded(folded), BatchNorm.folded(pixels));
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
     * @param x images [B, C, H, W]
     * @param layer one of {@link #layers}; {@code output} gives [B, classes], or the means of planes where there are no classes
     * @param norm evaluation or training
     */
    public Var forward(Weights w, Var x, String layer, BatchNorm norm) {
        return forward(w, x, new Probe(layer), norm).value();
    }

    /**
     * The outputs of several layers in one pass.
     *
     * @param w parameters
     * @param x images [B, 3, H, W]
     * @param wanted some of {@link #layers}
     * @param norm evaluation or training
     * @return by layer, in the order in which they were asked for
     */
    public Map<String, Var> forward(Weights w, Var x, Collection<String> wanted, BatchNorm norm) {
        return forward(w, x, new Probe(wanted), norm).values();
    }

    /** Whether all convolutions can be computed with channels last on tensors like this one. */
    boolean suitsPixels(Tensor like) {
        return network.suitsPixels(like);
    }

    private Probe forward(Weights w, Var x, Probe wanted, BatchNorm norm) {
        if (x.shape().rank() != 4 || x.dim(1) != channels()) {
            throw new ModelException("ResNet: shape %s, needed [B, %d, H, W]".formatted(x.shape(), channels()));
        }
        Probe probe = wanted.checked(layers);
        Pass pass = new Pass(w, probe);
        Var last =
                norm.isLast() ? network.forward(pass, norm, x) : pass.ending(x, () -> network.forward(pass, norm, x));
        if (!probe.found()) {
            probe.at(Probe.OUTPUT, last);
        }
        return probe;
    }
}
