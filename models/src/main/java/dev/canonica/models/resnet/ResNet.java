package dev.canonica.models.resnet;

import dev.canonica.autodiff.Activations;
import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.Pooling;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.Layers;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.resnet.ResNetConfig.Block;
import dev.canonica.models.resnet.ResNetConfig.Stem;
import dev.canonica.tensor.Convolution;
import dev.canonica.tensor.PoolWindow;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A residual network (He et al. 2016; Wide ResNet: Zagoruyko &amp; Komodakis 2016) under torchvision's names.
 *
 * <pre>
 *   x ← maxpool(relu(bn1(conv1(x))))          x ← layer1 … layer4(x)          output = fc(mean of each plane of x)
 *   block: x ← relu(F(x) + shortcut(x)); the shortcut is a 1×1 convolution with a norm where the shape changes
 *   BasicBlock: F = bn2 conv2 relu bn1 conv1          Bottleneck: F = bn3 conv3 relu bn2 conv2 relu bn1 conv1
 * </pre>
 */
public final class ResNet implements Classifier {
    private static final int STAGES = 4;
    private static final String COUNTER = ".num_batches_tracked";

    /** How it is read and written. */
    public static final ModelFamily<ResNet> FAMILY = ModelFamily.of(
            ResNet.class,
            (c, stateDict) -> new ResNet(ResNetConfig.read(c), stateDict),
            network -> network.config().toMap(),
            "ResNet");

    private final ResNetConfig config;
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
        Map<String, Shape> shapes = shapes(config);
        StateDict.checked("ResNet", shapes, StateDict.without(stateDict, COUNTER))
                .forEach((name, t) -> {
                    boolean buffer = name.endsWith(".running_mean") || name.endsWith(".running_var");
                    (buffer ? buffers : parameters).put(name, t);
                });
        layers = names(config);
    }

    /** The names and shapes of parameters and running statistics. */
    public static Map<String, Shape> shapes(ResNetConfig c) {
        StateDict.Shapes s = new StateDict.Shapes();
        int kernel = c.stem() == Stem.IMAGENET ? 7 : 3;
        s.put("conv1.weight", c.width(), 3, kernel, kernel);
        norm(s, "bn1", c.width());
        int in = c.width();
        for (int stage = 0; stage < STAGES; stage++) {
            for (int i = 0; i < c.layers().get(stage); i++) {
                String b = "layer" + (stage + 1) + "." + i;
                int planes = c.planes(stage);
                int out = c.out(stage);
                if (c.block() == Block.BASIC) {
                    conv(s, b, 1, planes, in, 3);
                    conv(s, b, 2, planes, planes, 3);
                } else {
                    int inner = c.inner(stage);
                    conv(s, b, 1, inner, in, 1);
                    conv(s, b, 2, inner, inner / c.groups(), 3);
                    conv(s, b, 3, out, inner, 1);
                }
                if (projects(in, out, stage, i)) {
                    s.put(b + ".downsample.0.weight", out, in, 1, 1);
                    norm(s, b + ".downsample.1", out);
                }
                in = out;
            }
        }
        return s.linear("fc", in, c.numClasses()).map();
    }

    private static void conv(StateDict.Shapes s, String block, int i, int out, int in, int kernel) {
        s.put(block + ".conv" + i + ".weight", out, in, kernel, kernel);
        norm(s, block + ".bn" + i, out);
    }

    private static void norm(StateDict.Shapes s, String name, int c) {
        s.put(name + ".weight", c)
                .put(name + ".bias", c)
                .put(name + ".running_mean", c)
                .put(name + ".running_var", c);
    }

    private static boolean projects(int in, int out, int stage, int block) {
        return in != out || (block == 0 && stage > 0);
    }

    private static List<String> names(ResNetConfig c) {
        List<String> names = new ArrayList<>(List.of("conv1", "bn1", "relu", "maxpool"));
        int in = c.width();
        for (int stage = 0; stage < STAGES; stage++) {
            for (int i = 0; i < c.layers().get(stage); i++) {
                String b = "layer" + (stage + 1) + "." + i;
                for (int k = 1; k <= (c.block() == Block.BASIC ? 2 : 3); k++) {
                    names.add(b + ".conv" + k);
                    names.add(b + ".bn" + k);
                }
                if (projects(in, c.out(stage), stage, i)) {
                    names.add(b + ".downsample.0");
                    names.add(b + ".downsample.1");
                    names.add(b + ".downsample");
                }
                in = c.out(stage);
                names.add(b);
            }
            names.add("layer" + (stage + 1));
        }
        names.addAll(List.of("avgpool", "fc", Probe.OUTPUT));
        return List.copyOf(names);
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
        return new Pass(w, norm, new Probe(layer).checked(layers)).run(x);
    }

    /** One forward pass. Each step is left undone once the wanted layer was seen. */
    private final class Pass {
        private final Weights w;
        private final BatchNorm norm;
        private final Probe probe;

        Pass(Weights w, BatchNorm norm, Probe probe) {
            this.w = w;
            this.norm = norm;
            this.probe = probe;
        }

        Var run(Var images) {
            boolean imagenet = config.stem() == Stem.IMAGENET;
            Var x = conv("conv1", images, imagenet ? Convolution.of(2, 3) : Convolution.of(1, 1));
            x = norm("bn1", x);
            if (probe.found()) {
                return probe.value();
            }
            x = Activations.relu(x);
            if (probe.at("relu", x)) {
                return x;
            }
            x = imagenet ? Pooling.max(new PoolWindow(3, 2, 1), x) : x;
            if (probe.at("maxpool", x)) {
                return x;
            }
            int in = config.width();
            for (int stage = 0; stage < STAGES; stage++) {
                for (int i = 0; i < config.layers().get(stage); i++) {
                    x = block(stage, i, in, x);
                    if (probe.found()) {
                        return probe.value();
                    }
                    in = config.out(stage);
                }
                if (probe.at("layer" + (stage + 1), x)) {
                    return x;
                }
            }
            Var mean = Pooling.globalAverage(x);
            if (probe.at("avgpool", mean.reshape(mean.dim(0), in, 1, 1))) {
                return probe.value();
            }
            Var out = Layers.linear(w, "fc", mean);
            probe.at("fc", out);
            return out;
        }

        private Var block(int stage, int i, int in, Var x) {
            String b = "layer" + (stage + 1) + "." + i;
            int stride = stage > 0 && i == 0 ? 2 : 1;
            boolean basic = config.block() == Block.BASIC;
            int convolutions = basic ? 2 : 3;
            Var y = x;
            for (int k = 1; k <= convolutions; k++) {
                y = norm(b + ".bn" + k, conv(b + ".conv" + k, y, convolution(basic, k, stride)));
                if (probe.found()) {
                    return probe.value();
                }
                y = k < convolutions ? Activations.relu(y) : y;
            }
            Var shortcut = x;
            if (projects(in, config.out(stage), stage, i)) {
                shortcut = conv(b + ".downsample.0", x, Convolution.of(stride, 0));
                shortcut = norm(b + ".downsample.1", shortcut);
                probe.at(b + ".downsample", shortcut);
                if (probe.found()) {
                    return probe.value();
                }
            }
            Var out = Activations.relu(y.plus(shortcut));
            probe.at(b, out);
            return out;
        }

        /** Convolution k of a block: the stride is on the first 3×3. */
        private Convolution convolution(boolean basic, int k, int stride) {
            if (basic) {
                return Convolution.of(k == 1 ? stride : 1, 1);
            }
            return k == 2 ? new Convolution(stride, 1, 1, 1, 1, 1, config.groups()) : Convolution.of(1, 0);
        }

        private Var conv(String name, Var x, Convolution c) {
            if (probe.found()) {
                return probe.value();
            }
            Var y = Convolutions.convolution(c, x, w.get(name + ".weight"));
            probe.at(name, y);
            return y;
        }

        private Var norm(String name, Var x) {
            if (probe.found()) {
                return probe.value();
            }
            Var y = norm.apply(w, name, x);
            probe.at(name, y);
            return y;
        }
    }
}
