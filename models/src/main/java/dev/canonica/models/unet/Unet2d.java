package dev.canonica.models.unet;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.DenoisingModel;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Chain;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.unet.ResnetBlock.Resampling;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * diffusers' {@code UNet2DModel}: the U-Net of DDPM (Ho et al., 2020) and of class-conditional models after it, unconditional or with a
 * table of classes that is added to the embedding of time.
 */
public final class Unet2d implements DenoisingModel {
    /** How it is read and written. */
    public static final ModelFamily<Unet2d> FAMILY = ModelFamily.of(
                    Unet2d.class, Unet2d::new, network -> network.settings, "UNet2DModel")
            .marked("conv_in.weight", "time_embedding.linear_1.weight");

    private final Map<String, ?> settings;
    private final Unet2dConfig config;
    private final TimeEmbedding time;
    private final Chain chain;
    private final List<String> layers;
    private final Map<String, Tensor> parameters;

    /** A network with these parameters; its settings are the constructor arguments of {@code UNet2DModel}. */
    public Unet2d(JsonConfig settings, Map<String, Tensor> parameters) {
        this.settings = settings.values();
        this.config = Unet2dConfig.read(settings);
        this.time = time(config);
        this.chain = chain(config);
        this.layers = Stream.of(time.layers(), chain.layers(), List.of(Probe.OUTPUT))
                .flatMap(Collection::stream)
                .toList();
        StateDict.Shapes shapes = new StateDict.Shapes();
        time.declare(shapes);
        chain.declare(shapes);
        this.parameters = StateDict.checked("UNet2DModel", shapes.map(), OldNames.attention(parameters));
    }

    /**
     * A network to train: see {@link UnetInitialiser}.
     *
     * @param settings the constructor arguments of {@code UNet2DModel}, and {@code null_class}, a key of ours, where the last of {@code num_class_embeds} rows stands for no class
     * @throws ModelException if they do not go together, or if the output has other channels than the sample
     */
    public static Unet2d initialised(JsonConfig settings, long seed) {
        Unet2dConfig config = Unet2dConfig.read(settings);
        if (config.outChannels() != config.inChannels()) {
            throw new ModelException("UNet2DModel: out_channels %d of in_channels %d: as many are trained"
                    .formatted(config.outChannels(), config.inChannels()));
        }
        StateDict.Shapes shapes = new StateDict.Shapes();
        time(config).declare(shapes);
        chain(config).declare(shapes);
        return new Unet2d(settings, UnetInitialiser.parameters(shapes.map(), seed));
    }

    /**
     * The settings of a small U-Net: 64, 128 and 128 channels, two residual blocks a resolution, attention at the coarsest.
     *
     * @param side of an image
     * @param classes the condition; none if 0
     * @param dropped whether labels are dropped, which takes a row of the table
     */
    public static JsonConfig small(int side, int channels, int classes, boolean dropped) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("_class_name", "UNet2DModel");
        values.put("sample_size", side);
        values.put("in_channels", channels);
        values.put("out_channels", channels);
        values.put("layers_per_block", 2);
        values.put("block_out_channels", List.of(64, 128, 128));
        values.put("down_block_types", List.of("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"));
        values.put("up_block_types", List.of("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"));
        values.put("attention_head_dim", 32);
        if (classes > 0) {
            values.put("num_class_embeds", dropped ? classes + 1 : classes);
        }
        if (classes > 0 && dropped) {
            values.put(Unet2dConfig.NULL_CLASS, classes);
        }
        return JsonConfig.of(values);
    }

    private static TimeEmbedding time(Unet2dConfig config) {
        return new TimeEmbedding(new TimeEmbedding.Settings(
                config.widths().getFirst(),
                config.embedding(),
                config.cosineFirst(),
                config.shift(),
                Function.Kind.SILU,
                null,
                null,
                config.activation(),
                config.classes(),
                TimeEmbedding.Additions.NONE));
    }

    private static Chain chain(Unet2dConfig c) {
        UnetChain plan = new UnetChain(
                c.inChannels(),
                c.outChannels(),
                c.widths(),
                Collections.nCopies(c.widths().size(), c.blockLayers()),
                c.groups(),
                c.epsilon(),
                c.padding(),
                blocks(c.downBlocks(), "Down", c.resnetDown()),
                blocks(c.upBlocks(), "Up", c.resnetUp()),
                c.middle(),
                UnetChain.Ends.USUAL);
        ResnetBlock.Settings blocks =
                new ResnetBlock.Settings(c.embedding(), c.groups(), c.epsilon(), c.scaleShift(), c.activation());
        return plan.of(new UnetChain.Parts() {
            @Override
            public Part resnet(String path, int in, int out, Resampling resampling) {
                return new ResnetBlock(path, in, out, blocks, resampling);
            }

            @Override
            public Part attention(String path, int level) {
                return attention(path, level, c.groups());
            }

            @Override
            public Part middle(String path, int level) {
                return attention(path, level, c.attentionGroups());
            }

            private Part attention(String path, int level, int groups) {
                int channels = c.widths().get(level);
                return new SpatialAttention(path, channels, c.heads(channels), groups, c.epsilon());
            }
        });
    }

    /**
     * The kinds of blocks by their names.
     *
     * @param side {@code Down} or {@code Up}
     * @param resnet whether blocks with attention change the resolution by a residual block
     */
    private static List<UnetChain.Block> blocks(List<String> types, String side, boolean resnet) {
        return types.stream()
                .map(type -> {
                    if (type.equals(side + "Block2D")) {
                        return new UnetChain.Block(false, false);
                    } else if (type.equals("Attn" + side + "Block2D")) {
                        return new UnetChain.Block(true, resnet);
                    } else if (type.equals("Resnet" + side + "sampleBlock2D")) {
                        return new UnetChain.Block(false, true);
                    }
                    throw new ModelException("UNet2DModel: block type '" + type + "' is not supported; supported: "
                            + side + "Block2D, Attn" + side + "Block2D, Resnet" + side + "sampleBlock2D");
                })
                .toList();
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public Shape sampleShape() {
        return sampleShape("UNet2DModel", config.inChannels(), config.size());
    }

    /** The shape of a sample of the size that the model was trained on. */
    static Shape sampleShape(String model, int channels, Optional<List<Integer>> size) {
        List<Integer> s = size.orElseThrow(() -> new ModelException(
                model + ": sample_size is null: the size of samples is not known, which is needed here"));
        return Shape.of(channels, s.getFirst(), s.getLast());
    }

    @Override
    public int channels() {
        return config.inChannels();
    }

    @Override
    public boolean accepts(Shape sample) {
        return fits(sample, config.inChannels(), factor());
    }

    @Override
    public String acceptedShapes() {
        return fitting(config.inChannels(), factor());
    }

    /** What height and width are multiples of: every level but the first halves them. */
    private int factor() {
        return 1 << (config.widths().size() - 1);
    }

    static boolean fits(Shape s, int channels, int factor) {
        return s.rank() == 3
                && s.dim(0) == channels
                && s.dim(1) > 0
                && s.dim(2) > 0
                && s.dim(1) % factor == 0
                && s.dim(2) % factor == 0;
    }

    static String fitting(int channels, int factor) {
        return "[B, %d, H, W]".formatted(channels) + (factor == 1 ? "" : " with H and W multiples of " + factor);
    }

    @Override
    public List<String> conditioning() {
        return time.conditioning();
    }

    /** Number of classes; 0 for an unconditional model, and for one whose labels are no numbers of a table. */
    @Override
    public int classes() {
        return config.classes().labels() == TimeEmbedding.Labels.TABLE
                ? config.classes().count() - (config.nullClass() < 0 ? 0 : 1)
                : 0;
    }

    @Override
    public void check(Condition c) {
        DenoisingModel.super.check(c);
        time.check(c.given(), arguments().condition());
    }

    /** That of {@code null_class}, as of networks that {@code train} made; the reference has no class of its own for no condition. */
    @Override
    public OptionalInt nullClass() {
        return config.nullClass() < 0 ? OptionalInt.empty() : OptionalInt.of(config.nullClass());
    }

    @Override
    public Arguments arguments() {
        return new Arguments("sample", "timestep", "class_labels");
    }

    @Override
    public List<String> layers() {
        return layers;
    }

    @Override
    public void run(Weights w, Var x, Tensor t, Map<String, Tensor> given, Probe probe) {
        Pass pass = new Pass(w, probe);
        Var embedding = time.forward(pass, t, given, x.value().dtype());
        Var input = config.centre() ? Arithmetic.shift(x.times(2), -1) : x;
        probe.at(Probe.OUTPUT, chain.forward(pass.under(embedding), input));
    }
}
