package dev.canonica.models.resnet;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The constructor arguments of a residual network, as its {@code config.json} has them.
 *
 * @param block what stages are made of
 * @param layers blocks of each of the stages: four, or the three of networks for small images (He et al. 2016, Section 4.2)
 * @param numClasses classes
 * @param width planes of the stem and of the first stage (64 in torchvision); stage i has width · 2^i
 * @param stem what comes before the stages
 * @param groups groups of a bottleneck's 3×3 convolution (torchvision: ResNeXt)
 * @param widthPerGroup inner planes of a bottleneck for each group, of 64 (torchvision: 128 in Wide ResNet)
 */
public record ResNetConfig(
        Block block, List<Integer> layers, int numClasses, int width, Stem stem, int groups, int widthPerGroup) {
    private static final int FEWEST_STAGES = 3;
    private static final int MOST_STAGES = 4;
    private static final int MAX_WIDTH = 1 << 14;
    private static final int MAX_LAYERS = 1000;
    private static final int MAX_CLASSES = 1 << 24;
    private static final int NARROW = 64;

    /** Kinds of blocks, in torchvision's names. */
    public enum Block {
        BASIC("BasicBlock", 1),
        BOTTLENECK("Bottleneck", 4);

        private final String reference;
        private final int expansion;

        Block(String reference, int expansion) {
            this.reference = reference;
            this.expansion = expansion;
        }
    }

    /** Kinds of stems. */
    public enum Stem {
        /** 7×7 convolution of stride 2, then max pooling 3×3 of stride 2. */
        IMAGENET,
        /** 3×3 convolution. */
        CIFAR
    }

    /** Checks the numbers. */
    public ResNetConfig {
        layers = List.copyOf(layers);
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
        if (numClasses < 1 || numClasses > MAX_CLASSES) {
            throw new ModelException("ResNet: num_classes " + numClasses + " does not lie in [1, " + MAX_CLASSES + "]");
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
        String stem = c.oneOf("stem", "imagenet", "imagenet", "cifar");
        c.ignore("mean", "std", "classes"); // of the images, not of the network
        ResNetConfig config = new ResNetConfig(
                block.equals(Block.BASIC.reference) ? Block.BASIC : Block.BOTTLENECK,
                c.integers("layers"),
                c.integer("num_classes", 1000),
                c.integer("width", 64),
                stem.equals("cifar") ? Stem.CIFAR : Stem.IMAGENET,
                c.integer("groups", 1),
                c.integer("width_per_group", NARROW));
        c.done();
        return config;
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
        m.put("stem", stem == Stem.CIFAR ? "cifar" : "imagenet");
        if (block == Block.BOTTLENECK && (groups != 1 || widthPerGroup != NARROW)) {
            m.put("groups", groups);
            m.put("width_per_group", widthPerGroup);
        }
        return m;
    }
}
