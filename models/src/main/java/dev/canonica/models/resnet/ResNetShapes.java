package dev.canonica.models.resnet;

import dev.canonica.models.StateDict;
import dev.canonica.models.resnet.ResNetConfig.Block;
import dev.canonica.models.resnet.ResNetConfig.Stem;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a residual network is, by the names and shapes of its tensors: published files come without a configuration. */
final class ResNetShapes {
    private static final int MOST_STAGES = 4;
    private static final int FEWEST_STAGES = 3;
    /** {@code width_per_group} of a width of 64. */
    private static final int NARROW = 64;

    private final Map<String, Tensor> tensors;

    private ResNetShapes(Map<String, Tensor> tensors) {
        this.tensors = tensors;
    }

    /** The configuration; empty if the tensors are those of another network. Nothing says whether strides were replaced by dilation: they are not. */
    static Optional<ResNetConfig> infer(Map<String, Tensor> tensors) {
        return new ResNetShapes(tensors).config();
    }

    private Optional<ResNetConfig> config() {
        boolean deep = tensors.containsKey("conv1.0.weight");
        Shape first = filters(deep ? "conv1.0" : "conv1");
        Shape inner = filters("layer1.0.conv2");
        List<Integer> layers = layers();
        if (first == null
                || inner == null
                || layers.size() < FEWEST_STAGES
                || !tensors.containsKey("bn1.running_mean")) {
            return Optional.empty();
        }
        Block block = tensors.containsKey("layer1.0.conv3.weight") ? Block.BOTTLENECK : Block.BASIC;
        List<Integer> stem = new ArrayList<>();
        for (int i = 0; deep && i < 3; i++) {
            Shape s = filters("conv1." + 3 * i);
            if (s == null) {
                return Optional.empty();
            }
            stem.add(s.dim(0));
        }
        Shape out = filters("layer1.0.conv3");
        int width = out == null ? inner.dim(0) : out.dim(0) / 4;
        int groups = inner.dim(0) / Math.max(1, inner.dim(1));
        // inner = ⌊width · width_per_group / 64⌋ · groups
        int perGroup = Math.ceilDiv(inner.dim(0) / Math.max(1, groups) * NARROW, Math.max(1, width));
        Shape last = StateDict.shape(tensors, "fc.weight");
        return Optional.of(new ResNetConfig(
                block,
                layers,
                last == null ? 0 : last.dim(0),
                width,
                deep ? Stem.DEEP : first.dim(2) == 3 ? Stem.CIFAR : Stem.IMAGENET,
                block == Block.BASIC ? 1 : groups,
                block == Block.BASIC ? NARROW : perGroup,
                first.dim(1),
                List.of(false, false, false),
                stem,
                filters("layer2.0.downsample.1") != null));
    }

    /** The shape of a convolution's filters, or null if it is none. */
    private @Nullable Shape filters(String path) {
        Shape s = StateDict.shape(tensors, path + ".weight");
        return s != null && s.rank() == 4 ? s : null;
    }

    private List<Integer> layers() {
        List<Integer> layers = new ArrayList<>();
        for (int stage = 1; stage <= MOST_STAGES; stage++) {
            int n = 0;
            while (tensors.containsKey("layer" + stage + "." + n + ".conv1.weight")) {
                n++;
            }
            if (n == 0) {
                return layers;
            }
            layers.add(n);
        }
        return layers;
    }
}
