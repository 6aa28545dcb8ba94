package dev.canonica.models.resnet;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The constructor arguments of a residual network, as its {@code config.json} has them.
 *
 * @param block what stages are made of
 * @param layers blocks of each of the stages: four, or the three of networks for small images (He et al. 2016, Section 4.2)
 * @param numClasses classes; 0 where there is no last layer {@code fc}, and the output is the mean of each plane
 * @param width planes of the stem and of the first stage (64 in torchvision); stage i has width · 2^i
 * @param stem what comes before the stages
 * @param groups groups of a bottleneck's 3×3 convolution (torchvision: ResNeXt)
 * @param widthPerGroup inner planes of a bottleneck for each group, of 64 (torchvision: 128 in Wide ResNet)
 * @param inChannels channels of an image
 * @param dilated {@code replace_stride_with_dilation}: for each of the last three stages, whether it dilates its 3×3 convolutions instead of halving
 * @param deepStem planes of the three convolutions of {@link Stem#DEEP}; empty for other stems
 * @param averageDown whether shortcuts halve by the mean of 2×2 before their convolution (timm's {@code avg_down})
 */
public record ResNetConfig(
        Block block,
        List<Integer> layers,
        int numClasses,
        int width,
        Stem stem,
        int groups,
        int widthPerGroup,
        int inChannels,
        List<Boolean> dilated,
        List<Integer> deepStem,
        boolean averageDown) {
    private static final int FEWEST_STAGES = 3;
    private static final int MOST_STAGES = 4;
    private static final int MAX_WIDTH = 1 << 14;
    private static final int MAX_LAYERS = 1000;
    private static final int MAX_CLASSES = 1 << 24;
    private static final int NARROW = 64;
    private static final int DEEP_CONVOLUTIONS = 3;
    private static final List<Boolean> NEVER = List.of(false, false, false);
    private static final String DILATION = "replace_stride_with_dilation";

    /** Kinds of blocks, in torchvision's names. */
    public enum Block {
        /** Two 3×3 convolutions; the block gives as many planes as it has inside: ResNet-18 and 34. */
        BASIC("BasicBlock", 1),
        /** 1×1, 3×3 and 1×1 convolutions; the block gives four times the planes it has inside: ResNet-50 and deeper. */
        BOTTLENECK("Bottleneck", 4);

        private final String reference;
        private final int expansion;

        Block(String reference, int expansion) {
            this.reference = reference;
            this.expansion = expansion;
        }

        /** Its name in torchvision. */
        String reference() {
            return reference;
        }
    }

    /** Kinds of stems. */
    public enum Stem {
        /** 7×7 convolution of stride 2, then max pooling 3×3 of stride 2. */
        IMAGENET,
        /** 3×3 convolution. */
        CIFAR,
        /** Three 3×3 convolutions, the first of stride 2, then max pooling as above (He et al., 2019, ResNet-C; in timm, ResNet-D). */
        DEEP
    }

    /** A network on images of three channels whose stages halve. */
    public ResNetConfig(
            Block block, List<Integer> layers, int numClasses, int width, Stem stem, int groups, int widthPerGroup) {
        this(block, layers, numClasses, width, stem, groups, widthPerGroup, 3, NEVER, List.of(), false);
    }

    /** Checks that there are three or four stages, that sizes are positive and not absurd, and that the block has what is asked of it. */
    public ResNetConfig {
        layers = List.copyOf(layers);
        dilated = List.copyOf(dilated);
        deepStem = List.copyOf(deepStem);
        if (layers.size() < FEWEST_STAGES
                || layers.size() > MOST_STAGES
                || layers.stream().anyMatch(n -> n < 1 || n > MAX_LAYERS)) {
            throw new ModelException(
                    "ResNet: layers " + layers + ": three or four numbers from 1 to " + MAX_LAYERS + " are needed");
        }
        if (width < 1
                || width > MAX_WIDTH
                || groups < 1
                || widthPerGroup < 1
                || groups > MAX_WIDTH
                || widthPerGroup > MAX_WIDTH) {
            throw new ModelException("ResNet: width, groups and width_per_group lie in [1, " + MAX_WIDTH + "]");
        }
        if (numClasses < 0 || numClasses > MAX_CLASSES) {
            throw new ModelException("ResNet: num_classes " + numClasses + " does not lie in [0, " + MAX_CLASSES + "]");
        }
        if (inChannels < 1 || inChannels > MAX_WIDTH) {
            throw new ModelException("ResNet: in_channels " + inChannels + " does not lie in [1, " + MAX_WIDTH + "]");
        }
        if (dilated.size() != NEVER.size()) {
            throw new ModelException("ResNet: replace_stride_with_dilation " + dilated
                    + ": three of true and false are needed, for layer2, layer3 and layer4");
        }
        if (block == Block.BASIC && dilated.contains(true)) {
            throw new ModelException("ResNet: replace_stride_with_dilation " + dilated
                    + " is not supported for BasicBlock, which has no dilation; Bottleneck has");
        }
        if (averageDown && dilated.contains(true)) {
            throw new ModelException("ResNet: replace_stride_with_dilation " + dilated
                    + " is not supported where shortcuts halve by a mean (avg_down)");
        }
        if (deepStem.size() != (stem == Stem.DEEP ? DEEP_CONVOLUTIONS : 0)
                || deepStem.stream().anyMatch(n -> n < 1 || n > MAX_WIDTH)) {
            throw new ModelException("ResNet: stem_planes " + deepStem + ": the planes of " + DEEP_CONVOLUTIONS
                    + " convolutions are needed for the stem 'deep', and none for others");
        }
        if (block == Block.BASIC && (groups != 1 || widthPerGroup != NARROW)) {
            throw new ModelException("ResNet: a BasicBlock has groups 1 and width_per_group 64");
        }
        if ((long) width * widthPerGroup / NARROW < 1
                || (long) width * 8 * widthPerGroup / NARROW * groups > Integer.MAX_VALUE / 64) {
            throw new ModelException("ResNet: width " + width + " with width_per_group " + widthPerGroup
                    + " and groups " + groups + " gives blocks of no or of too many planes");
        }
    }

    /** Reads {@code config.json}; {@code _class_name} is {@code ResNet}. */
    public static ResNetConfig read(JsonConfig c) {
        String block = c.oneOf("block", "BasicBlock", Block.BASIC.reference, Block.BOTTLENECK.reference);
        String stem = c.oneOf("stem", "imagenet", "imagenet", "cifar", "deep");
        c.ignore("mean", "std", "classes"); // of the images, not of the network
        c.ignore("zero_init_residual"); // of the first values
        c.unset("norm_layer");
        ResNetConfig config = new ResNetConfig(
                block.equals(Block.BASIC.reference) ? Block.BASIC : Block.BOTTLENECK,
                c.integers("layers"),
                c.integer("num_classes", 1000),
                c.integer("width", 64),
                Stem.valueOf(stem.toUpperCase(Locale.ROOT)),
                c.integer("groups", 1),
                c.integer("width_per_group", NARROW),
                c.integer("in_channels", 3),
                c.flags(DILATION, NEVER),
                c.integers("stem_planes", List.of()),
                c.flag("avg_down", false));
        c.done();
        return config;
    }

    /** As {@link #read(JsonConfig)}, for a network of these tensors: they say whether there is a last layer, and the channels of an image where the file does not. */
    static ResNetConfig read(JsonConfig c, Map<String, Tensor> stateDict) {
        ResNetConfig config = read(c);
        boolean last = stateDict.containsKey("fc.weight") || stateDict.containsKey("fc.bias");
        Shape first = StateDict.shape(stateDict, config.stem == Stem.DEEP ? "conv1.0.weight" : "conv1.weight");
        int channels = !c.isSet("in_channels") && first != null && first.rank() == 4 ? first.dim(1) : config.inChannels;
        return config.with(last ? config.numClasses : 0, channels);
    }

    /** The same with another number of classes; 0 for none, and no last layer. */
    public ResNetConfig withClasses(int classes) {
        return with(classes, inChannels);
    }

    private ResNetConfig with(int classes, int channels) {
        return new ResNetConfig(
                block, layers, classes, width, stem, groups, widthPerGroup, channels, dilated, deepStem, averageDown);
    }

    /** A basic or bottleneck network without the arguments of the wide ones. */
    public static ResNetConfig of(Block block, List<Integer> layers, int numClasses, int width, Stem stem) {
        return new ResNetConfig(block, layers, numClasses, width, stem, 1, NARROW);
    }

    /** Planes of stage i before expansion. */
    int planes(int stage) {
        return width << stage;
    }

    /** Planes of a bottleneck's 3×3 convolution in stage i. */
    int inner(int stage) {
        return (int) ((long) planes(stage) * widthPerGroup / NARROW) * groups;
    }

    /** Number of stages. */
    int stages() {
        return layers.size();
    }

    /** Channels of the features that the last layer is given. */
    public int features() {
        return out(stages() - 1);
    }

    /** Channels that the first stage is given. */
    int stemOut() {
        return stem == Stem.DEEP ? deepStem.getLast() : width;
    }

    /** Step of the first block of stage i. */
    int stride(int stage) {
        return stage == 0 || dilated.get(stage - 1) ? 1 : 2;
    }

    /** Distance of a 3×3 convolution's weights in stage i, but for its first block: it has that of the stage before. */
    int dilation(int stage) {
        int dilation = 1;
        for (int i = 1; i <= stage; i++) {
            dilation *= dilated.get(i - 1) ? 2 : 1;
        }
        return dilation;
    }

    /** Channels that a block of stage i gives. */
    int out(int stage) {
        return planes(stage) * block.expansion;
    }

    /** The entries of {@code config.json}. */
    public Map<String, Object> toMap() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("_class_name", "ResNet");
        m.put("block", block.reference);
        m.put("layers", layers);
        m.put("num_classes", numClasses);
        m.put("width", width);
        m.put("stem", stem.name().toLowerCase(Locale.ROOT));
        if (inChannels != 3) {
            m.put("in_channels", inChannels);
        }
        if (!dilated.equals(NEVER)) {
            m.put(DILATION, dilated);
        }
        if (stem == Stem.DEEP) {
            m.put("stem_planes", deepStem);
        }
        if (averageDown) {
            m.put("avg_down", true);
        }
        if (block == Block.BOTTLENECK && (groups != 1 || widthPerGroup != NARROW)) {
            m.put("groups", groups);
            m.put("width_per_group", widthPerGroup);
        }
        return m;
    }
}
