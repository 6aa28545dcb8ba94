package dev.canonica.models.resnet;

import dev.canonica.models.ModelException;
import dev.canonica.models.resnet.ResNetConfig.Block;
import dev.canonica.models.resnet.ResNetConfig.Stem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Residual networks by the names that they are published under: torchvision's with four stages (He et al., 2016, Table 1; {@code wide_resnet50_2}: Zagoruyko &amp;
 * Komodakis 2016), and those of three for small images ({@code resnet20} … {@code resnet56}: He et al., 2016, Section 4.2). {@code wide_resnet16_4} and {@code
 * wide_resnet28_10} have the depth and the widths of Zagoruyko &amp; Komodakis, with the blocks of the others, which normalise after their convolutions and not
 * before, and a stem as wide as the first stage.
 *
 * <p>Of the networks of three stages, shortcuts that change the shape are 1 × 1 convolutions with a norm (option B), as everywhere under torchvision's names.
 */
public final class NamedResNets {
    /** The longer side of the largest images that the stem with a 3 × 3 convolution is for. */
    public static final int SMALL = 64;

    private static final int NARROW = 64;

    private static final Map<String, Shape> NAMED = new LinkedHashMap<>();

    static {
        NAMED.put("resnet18", new Shape(Block.BASIC, List.of(2, 2, 2, 2), 64, NARROW));
        NAMED.put("resnet34", new Shape(Block.BASIC, List.of(3, 4, 6, 3), 64, NARROW));
        NAMED.put("resnet50", new Shape(Block.BOTTLENECK, List.of(3, 4, 6, 3), 64, NARROW));
        NAMED.put("wide_resnet50_2", new Shape(Block.BOTTLENECK, List.of(3, 4, 6, 3), 64, 2 * NARROW));
        NAMED.put("resnet8", new Shape(Block.BASIC, List.of(1, 1, 1), 16, NARROW));
        NAMED.put("resnet20", new Shape(Block.BASIC, List.of(3, 3, 3), 16, NARROW));
        NAMED.put("resnet32", new Shape(Block.BASIC, List.of(5, 5, 5), 16, NARROW));
        NAMED.put("resnet56", new Shape(Block.BASIC, List.of(9, 9, 9), 16, NARROW));
        NAMED.put("wide_resnet16_4", new Shape(Block.BASIC, List.of(2, 2, 2), 64, NARROW));
        NAMED.put("wide_resnet28_10", new Shape(Block.BASIC, List.of(4, 4, 4), 160, NARROW));
    }

    private record Shape(Block block, List<Integer> layers, int width, int widthPerGroup) {}

    private NamedResNets() {}

    /** The names. */
    public static Set<String> names() {
        return NAMED.keySet();
    }

    /**
     * The network of a name.
     *
     * @param side the longer side of the images in pixels: up to {@value #SMALL}, the stem is a 3 × 3 convolution, and else that of ImageNet
     * @throws ModelException if there is none of the name
     */
    public static ResNetConfig of(String name, int classes, int side) {
        Shape s = NAMED.get(name);
        if (s == null) {
            throw new ModelException(
                    "'%s' is no residual network's name; there are %s".formatted(name, String.join(", ", names())));
        }
        return new ResNetConfig(
                s.block, s.layers, classes, s.width, side <= SMALL ? Stem.CIFAR : Stem.IMAGENET, 1, s.widthPerGroup);
    }
}
