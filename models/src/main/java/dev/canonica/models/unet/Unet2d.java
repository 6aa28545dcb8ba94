package dev.canonica.models.unet;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Var;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.unet.ResnetBlock.Resampling;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * diffusers' {@code UNet2DModel}: the U-Net of DDPM (Ho et al. 2020) and of class-conditional models after it, unconditional or with a
 * table of classes that is added to the embedding of time.
 */
public final class Unet2d implements DenoisingModel {
    private final Unet2dConfig config;
    private final TimeEmbedding time;
    private final Chain chain;
    private final List<String> layers;
    private final Map<String, Tensor> parameters;

    /** A network with these parameters; its settings are the constructor arguments of {@code UNet2DModel}. */
    public Unet2d(JsonConfig settings, Map<String, Tensor> parameters) {
        this.config = Unet2dConfig.read(settings);
        this.time = new TimeEmbedding(
                config.widths().getFirst(), config.embedding(), config.cosineFirst(), config.shift(), config.classes());
        this.chain = chain(config);
        this.layers = chain.layers();
        StateDict.Shapes shapes = new StateDict.Shapes();
        time.declare(shapes);
        chain.declare(shapes);
        this.parameters = StateDict.checked("UNet2DModel", shapes.map(), OldNames.attention(parameters));
    }

    private static Chain chain(Unet2dConfig c) {
        List<Integer> widths = c.widths();
        int n = widths.size();
        int first = widths.getFirst();
        Chain chain = new Chain()
                .add(new Convolutional.Same("conv_in", c.inChannels(), first, 3))
                .keep();
        Skips skips = new Skips().push(first);
        int at = first;
        for (int i = 0; i < n; i++) {
            String block = "down_blocks." + i;
            int width = widths.get(i);
            Kind kind = Kind.of(c.downBlocks().get(i), true);
            for (int j = 0; j < c.blockLayers(); j++) {
                chain.add(resnet(c, block + ".resnets." + j, at, width, Resampling.NONE));
                if (kind.attention) {
                    chain.add(attention(c, block + ".attentions." + j, width, c.groups()));
                }
                chain.keep();
                skips.push(width);
                at = width;
            }
            if (i < n - 1) {
                String path = block + ".downsamplers.0";
                boolean resnet = kind.resnet || (kind.attention && c.resnetDown());
                chain.add(
                                resnet
                                        ? resnet(c, path, width, width, Resampling.DOWN)
                                        : new Convolutional.Down(path, width, c.padding()))
                        .keep();
                skips.push(width);
            }
            chain.end(block);
        }
        chain.add(resnet(c, "mid_block.resnets.0", at, at, Resampling.NONE));
        if (c.middleAttention()) {
            chain.add(attention(c, "mid_block.attentions.0", at, c.attentionGroups()));
        }
        chain.add(resnet(c, "mid_block.resnets.1", at, at, Resampling.NONE)).end("mid_block");
        for (int i = 0; i < n; i++) {
            String block = "up_blocks." + i;
            int width = widths.get(n - 1 - i);
            Kind kind = Kind.of(c.upBlocks().get(i), false);
            for (int j = 0; j <= c.blockLayers(); j++) {
                chain.addJoined(resnet(c, block + ".resnets." + j, at + skips.pop(), width, Resampling.NONE));
                if (kind.attention) {
                    chain.add(attention(c, block + ".attentions." + j, width, c.groups()));
                }
                at = width;
            }
            if (i < n - 1) {
                String path = block + ".upsamplers.0";
                boolean resnet = kind.resnet || (kind.attention && c.resnetUp());
                chain.add(resnet ? resnet(c, path, width, width, Resampling.UP) : new Convolutional.Up(path, width));
            }
            chain.end(block);
        }
        return chain.add(new Convolutional.Norm("conv_norm_out", first, c.groups(), c.epsilon()))
                .add(new Convolutional.Silu("conv_act"))
                .add(new Convolutional.Same("conv_out", first, c.outChannels(), 3));
    }

    private static ResnetBlock resnet(Unet2dConfig c, String path, int in, int out, Resampling resampling) {
        return new ResnetBlock(path, in, out, c.embedding(), c.groups(), c.epsilon(), c.scaleShift(), resampling);
    }

    private static SpatialAttention attention(Unet2dConfig c, String path, int channels, int groups) {
        return new SpatialAttention(path, channels, c.heads(channels), groups, c.epsilon());
    }

    /** The types of blocks. */
    private enum Kind {
        PLAIN(false, false),
        ATTENTION(true, false),
        RESNET(false, true);

        private final boolean attention;
        private final boolean resnet;

        Kind(boolean attention, boolean resnet) {
            this.attention = attention;
            this.resnet = resnet;
        }

        static Kind of(String type, boolean down) {
            String side = down ? "Down" : "Up";
            if (type.equals(side + "Block2D")) {
                return PLAIN;
            } else if (type.equals("Attn" + side + "Block2D")) {
                return ATTENTION;
            } else if (type.equals("Resnet" + side + "sampleBlock2D")) {
                return RESNET;
            }
            throw new ModelException("UNet2DModel: block type '" + type + "' is not supported; supported: " + side
                    + "Block2D, Attn" + side + "Block2D, Resnet" + side + "sampleBlock2D");
        }
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(config.inChannels(), config.size(), config.size());
    }

    /** Number of classes; 0 for an unconditional model, where every sample's class is 0. */
    @Override
    public int classes() {
        return config.classes();
    }

    /** The last class: the reference has no class of its own for no condition. */
    @Override
    public int nullClass() {
        return Math.max(0, config.classes() - 1);
    }

    @Override
    public String inputName() {
        return "sample";
    }

    @Override
    public String timestepName() {
        return "timestep";
    }

    @Override
    public String className() {
        return "class_labels";
    }

    @Override
    public List<String> layers() {
        return layers;
    }

    @Override
    public Var forward(Weights w, Var x, double[] t, long[] y, String layer) {
        check(x.shape(), t, y, layer);
        Pass pass = new Pass(w, time.forward(w, t, y, x.value().dtype()));
        Var input = config.centre() ? Arithmetic.shift(x.times(2), -1) : x;
        return chain.forward(pass, input, new Probe(layer));
    }
}
