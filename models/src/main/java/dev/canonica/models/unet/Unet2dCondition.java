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
import dev.canonica.models.nn.Part;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.unet.ResnetBlock.Resampling;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * diffusers' {@code UNet2DConditionModel}: the U-Net of latent diffusion (Rombach et al., 2022), whose attention also attends to a sequence
 * of vectors, such as the encoding of a text. Stable Diffusion 1 and 2.
 */
public final class Unet2dCondition implements DenoisingModel {
    /** How it is read and written. */
    public static final ModelFamily<Unet2dCondition> FAMILY = ModelFamily.of(
                    Unet2dCondition.class, Unet2dCondition::new, network -> network.settings, "UNet2DConditionModel")
            .marked("conv_in.weight", "time_embedding.linear_1.weight");

    /** The name of a vector of each text [B, D], which Stable Diffusion XL is given. */
    public static final String TEXT_EMBEDS = TimeEmbedding.TEXT_EMBEDS;

    /** The name of an image's height and width, the corner where it was cut out, and the height and width wanted [B, 6], which it is given, too. */
    public static final String TIME_IDS = TimeEmbedding.TIME_IDS;

    /** The name of the embedding of a guidance [B, D], which networks are given that are distilled from guided ones. */
    public static final String TIMESTEP_COND = TimeEmbedding.TIMESTEP_COND;

    private final Map<String, ?> settings;
    private final Unet2dConditionConfig config;
    private final TimeEmbedding time;
    private final Chain chain;
    private final List<String> layers;
    private final Map<String, Tensor> parameters;

    /** A network with these parameters; its settings are the constructor arguments of {@code UNet2DConditionModel}. */
    public Unet2dCondition(JsonConfig settings, Map<String, Tensor> parameters) {
        this.settings = settings.values();
        this.config = Unet2dConditionConfig.read(settings);
        this.time = time(config);
        this.chain = chain(config);
        this.layers = Stream.of(time.layers(), chain.layers(), List.of(Probe.OUTPUT))
                .flatMap(Collection::stream)
                .toList();
        this.parameters = StateDict.checked("UNet2DConditionModel", shapes(config), OldNames.attention(parameters));
    }

    /** The names and shapes of the parameters of a network with these settings. */
    public static Map<String, Shape> shapes(JsonConfig settings) {
        return shapes(Unet2dConditionConfig.read(settings));
    }

    private static Map<String, Shape> shapes(Unet2dConditionConfig c) {
        StateDict.Shapes shapes = new StateDict.Shapes();
        time(c).declare(shapes);
        chain(c).declare(shapes);
        return shapes.map();
    }

    private static TimeEmbedding time(Unet2dConditionConfig c) {
        return new TimeEmbedding(settings(c));
    }

    private static TimeEmbedding.Settings settings(Unet2dConditionConfig c) {
        return new TimeEmbedding.Settings(
                c.widths().getFirst(),
                c.embedding(),
                c.cosineFirst(),
                c.shift(),
                c.activation(),
                c.after(),
                c.last(),
                c.activation(),
                c.classes(),
                c.additions());
    }

    private static Chain chain(Unet2dConditionConfig c) {
        UnetChain plan = new UnetChain(
                c.inChannels(),
                c.outChannels(),
                c.widths(),
                c.blockLayers(),
                c.groups(),
                c.epsilon(),
                c.padding(),
                blocks(c.downBlocks(), "Down"),
                blocks(c.upBlocks(), "Up"),
                c.middle(),
                new UnetChain.Ends(c.inKernel(), c.outKernel(), c.activation()));
        ResnetBlock.Settings blocks =
                new ResnetBlock.Settings(settings(c).out(), c.groups(), c.epsilon(), c.scaleShift(), c.activation());
        return plan.of(new UnetChain.Parts() {
            @Override
            public Part resnet(String path, int in, int out, Resampling resampling) {
                return new ResnetBlock(path, in, out, blocks, resampling);
            }

            @Override
            public Part attention(String path, int level) {
                return new SpatialTransformer(
                        path,
                        new SpatialTransformer.Sizes(
                                c.widths().get(level),
                                c.context(),
                                c.heads().get(level),
                                c.groups(),
                                c.depths().get(level),
                                c.linear()));
            }

            @Override
            public Part middle(String path, int level) {
                return attention(path, level);
            }
        });
    }

    /**
     * The kinds of blocks by their names.
     *
     * @param side {@code Down} or {@code Up}
     */
    private static List<UnetChain.Block> blocks(List<String> types, String side) {
        return types.stream()
                .map(type -> {
                    if (type.equals(side + "Block2D")) {
                        return new UnetChain.Block(false, false);
                    } else if (type.equals("CrossAttn" + side + "Block2D")) {
                        return new UnetChain.Block(true, false);
                    }
                    throw new ModelException("UNet2DConditionModel: block type '" + type
                            + "' is not supported; supported: " + side + "Block2D, CrossAttn" + side + "Block2D");
                })
                .toList();
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    /** Shape [C, H, W] of the samples that the network was trained on; H and W may be other multiples of {@link #factor}. */
    @Override
    public Shape sampleShape() {
        return Unet2d.sampleShape("UNet2DConditionModel", config.inChannels(), config.size());
    }

    /** Channels of a sample. */
    @Override
    public int channels() {
        return config.inChannels();
    }

    /**
     * What height and width are multiples of: every level but the first halves them. Where halving rounds up, as with {@code downsample_padding} 1, the way up
     * gives as much as there was, and they may be any.
     */
    public int factor() {
        return config.padding() == 1 ? 1 : 1 << (config.widths().size() - 1);
    }

    @Override
    public boolean accepts(Shape sample) {
        return Unet2d.fits(sample, config.inChannels(), factor());
    }

    @Override
    public String acceptedShapes() {
        return Unet2d.fitting(config.inChannels(), factor());
    }

    @Override
    public List<String> conditioning() {
        List<String> names = new ArrayList<>(List.of(Condition.TEXTS));
        names.addAll(time.conditioning());
        return names;
    }

    /** Of those that it takes beside texts; 0 if there are none. */
    @Override
    public int classes() {
        return config.classes().labels() == TimeEmbedding.Labels.TABLE
                ? config.classes().count()
                : 0;
    }

    /** None: a text, such as the empty one, stands for no condition. */
    @Override
    public OptionalInt nullClass() {
        return OptionalInt.empty();
    }

    @Override
    public Arguments arguments() {
        return new Arguments("sample", "timestep", Condition.TEXTS);
    }

    @Override
    public void check(Condition c) {
        DenoisingModel.super.check(c);
        time.check(c.given(), "class_labels");
        time.check(c.otherwise(), "negative_class_labels");
        Tensor texts = c.given().get(Condition.TEXTS);
        Tensor none = c.otherwise().get(Condition.TEXTS);
        check(Condition.TEXTS, texts);
        check("negative_" + Condition.TEXTS, none);
        if (texts != null && none != null && none.dim(1) != texts.dim(1)) {
            throw new ModelException("negative_%s: shape %s, needed as many tokens as %s %s"
                    .formatted(Condition.TEXTS, none.shape(), Condition.TEXTS, texts.shape()));
        }
    }

    private void check(String name, @Nullable Tensor texts) {
        if (texts != null && (texts.rank() != 3 || texts.dim(2) != contextWidth() || texts.dim(1) == 0)) {
            throw new ModelException(name + ": shape " + texts.shape() + ", needed [B, T, " + contextWidth() + "]");
        }
    }

    /** Width of {@code timestep_cond}; 0 for a network that is not given it. */
    public int guidanceWidth() {
        return config.additions().guidance();
    }

    /** D of the context [B, T, D]. */
    public int contextWidth() {
        return config.context();
    }

    @Override
    public List<String> layers() {
        return layers;
    }

    @Override
    public void run(Weights w, Var x, Tensor t, Map<String, Tensor> given, Probe probe) {
        Pass pass = new Pass(w, probe);
        Var embedding = time.forward(pass, t, given, x.value().dtype());
        Var context = Var.constant(Objects.requireNonNull(given.get(Condition.TEXTS), Condition.TEXTS));
        Var input = config.centre() ? Arithmetic.shift(x.times(2), -1) : x;
        probe.at(Probe.OUTPUT, chain.forward(pass.under(embedding).attending(context), input));
    }
}
