package dev.canonica.models.dit;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The constructor arguments of a DiT, as its {@code config.json} has them.
 *
 * @param inputSize height and width of a sample
 * @param patchSize side of a patch; divides the size
 * @param inChannels channels of a sample
 * @param hiddenSize width D of a token
 * @param depth number of blocks
 * @param numHeads heads of attention; divide D
 * @param mlpRatio hidden width of a block's MLP, in D
 * @param classDropoutProb share of labels that training drops; above 0 the model has a null class
 * @param numClasses labels that the model was trained with, without the null class
 * @param learnSigma whether the output also holds the variance (twice the channels)
 */
public record DitConfig(
        int inputSize,
        int patchSize,
        int inChannels,
        int hiddenSize,
        int depth,
        int numHeads,
        double mlpRatio,
        double classDropoutProb,
        int numClasses,
        boolean learnSigma) {

    /** Far above any network of this kind: a damaged configuration is refused before it takes time or memory. */
    private static final int MAX = 1 << 14;

    private static final int MAX_CLASSES = 1 << 24;

    /** Checks that the patch divides the size, heads and 4 the width, and that sizes are positive and not absurd. */
    public DitConfig {
        if (inputSize < 1 || patchSize < 1 || inputSize % patchSize != 0) {
            throw new ModelException("DiT: patch_size " + patchSize + " does not divide input_size " + inputSize);
        }
        if (inputSize > MAX || hiddenSize > MAX || depth > MAX || inChannels > MAX || !(mlpRatio <= MAX)) {
            throw new ModelException(
                    "DiT: input_size, in_channels, hidden_size, depth and mlp_ratio are at most " + MAX);
        }
        if (numClasses > MAX_CLASSES) {
            throw new ModelException("DiT: num_classes " + numClasses + " is more than " + MAX_CLASSES);
        }
        if (hiddenSize < 4 || hiddenSize % 4 != 0 || numHeads < 1 || hiddenSize % numHeads != 0) {
            throw new ModelException(
                    "DiT: hidden_size " + hiddenSize + " must be a multiple of 4 and of num_heads " + numHeads);
        }
        if (depth < 1 || inChannels < 1 || numClasses < 1 || !(mlpRatio > 0) || !(classDropoutProb >= 0)) {
            throw new ModelException("DiT: depth, in_channels, num_classes and mlp_ratio must be positive");
        }
    }

    /** Reads the configuration. */
    public static DitConfig read(JsonConfig c) {
        DitConfig d = new DitConfig(
                c.integer("input_size", 32),
                c.integer("patch_size", 2),
                c.integer("in_channels", 4),
                c.integer("hidden_size", 1152),
                c.integer("depth", 28),
                c.integer("num_heads", 16),
                c.number("mlp_ratio", 4.0),
                c.number("class_dropout_prob", 0.1),
                c.integer("num_classes", 1000),
                c.flag("learn_sigma", true));
        c.done();
        return d;
    }

    /** Tokens along one side. */
    public int grid() {
        return inputSize / patchSize;
    }

    /** Tokens T of a sample. */
    public int tokens() {
        return grid() * grid();
    }

    /** Channels of the output. */
    public int outChannels() {
        return learnSigma ? 2 * inChannels : inChannels;
    }

    /** Hidden width of the MLP. */
    public int mlpHidden() {
        return (int) (hiddenSize * mlpRatio);
    }

    /** Rows of the table of classes: one more with label dropout. */
    public int embeddedClasses() {
        return numClasses + (nullClass().isPresent() ? 1 : 0);
    }

    /** The row of the table that stands for no class; empty without label dropout. */
    public OptionalInt nullClass() {
        return classDropoutProb > 0 ? OptionalInt.of(numClasses) : OptionalInt.empty();
    }

    /** The published sizes (Peebles &amp; Xie 2023, Table 1) by name, such as {@code DiT-XL/2}; latents of 32² or 64² with 4 channels. */
    public static DitConfig preset(String name, int inputSize, int inChannels, int numClasses, boolean learnSigma) {
        for (Size size : Size.values()) {
            for (int patch : new int[] {2, 4, 8}) {
                if (name.equals("DiT-" + size + "/" + patch)) {
                    return new DitConfig(
                            inputSize,
                            patch,
                            inChannels,
                            size.hidden,
                            size.depth,
                            size.heads,
                            4,
                            0.1,
                            numClasses,
                            learnSigma);
                }
            }
        }
        throw new ModelException("model '" + name + "' is not a published DiT: DiT-{S,B,L,XL}/{2,4,8}");
    }

    /** The number of heads of the published size of this width; depth does not matter, so that cut-down copies are read too. */
    static OptionalInt publishedHeads(int hidden) {
        return Arrays.stream(Size.values())
                .filter(s -> s.hidden == hidden)
                .mapToInt(s -> s.heads)
                .findFirst();
    }

    /** This configuration with another share of dropped labels. */
    public DitConfig withClassDropout(double share) {
        return new DitConfig(
                inputSize, patchSize, inChannels, hiddenSize, depth, numHeads, mlpRatio, share, numClasses, learnSigma);
    }

    private enum Size {
        S(12, 384, 6),
        B(12, 768, 12),
        L(24, 1024, 16),
        XL(28, 1152, 16);

        private final int depth;
        private final int hidden;
        private final int heads;

        Size(int depth, int hidden, int heads) {
            this.depth = depth;
            this.hidden = hidden;
            this.heads = heads;
        }
    }

    /** The entries of {@code config.json}. */
    public Map<String, Object> toMap() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("_class_name", "DiT");
        m.put("input_size", inputSize);
        m.put("patch_size", patchSize);
        m.put("in_channels", inChannels);
        m.put("hidden_size", hiddenSize);
        m.put("depth", depth);
        m.put("num_heads", numHeads);
        m.put("mlp_ratio", mlpRatio);
        m.put("class_dropout_prob", classDropoutProb);
        m.put("num_classes", numClasses);
        m.put("learn_sigma", learnSigma);
        return m;
    }
}
