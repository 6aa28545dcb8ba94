package dev.canonica.models.unet;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.nn.Attention;
import dev.canonica.models.nn.Function;
import dev.canonica.models.unet.TimeEmbedding.Labels;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The constructor arguments of diffusers' {@code UNet2DModel}, as its {@code config.json} has them.
 *
 * @param size height and width of a sample; empty where {@code sample_size} is null
 * @param inChannels channels of a sample
 * @param outChannels channels of the output
 * @param widths {@code block_out_channels}
 * @param downBlocks {@code down_block_types}
 * @param upBlocks {@code up_block_types}
 * @param blockLayers {@code layers_per_block}
 * @param headWidth {@code attention_head_dim}, of which ⌊channels / headWidth⌋ heads are made; 0: one head
 * @param groups {@code norm_num_groups}
 * @param attentionGroups {@code attn_norm_num_groups}, of the middle block's attention; 0: it has no norm
 * @param epsilon {@code norm_eps}
 * @param scaleShift whether {@code resnet_time_scale_shift} is {@code scale_shift}
 * @param middle by {@code mid_block_type} and {@code add_attention}
 * @param embedding {@code time_embedding_dim}, width of the embedding of time
 * @param activation {@code act_fn}, of the residual blocks
 * @param padding {@code downsample_padding}
 * @param resnetDown whether {@code downsample_type} is {@code resnet}: of blocks with attention
 * @param resnetUp whether {@code upsample_type} is {@code resnet}
 * @param centre {@code center_input_sample}
 * @param cosineFirst {@code flip_sin_to_cos}
 * @param shift {@code freq_shift}
 * @param classes by {@code class_embed_type} and {@code num_class_embeds}
 * @param nullClass {@code null_class}, a key of ours: the last row of the table stands for no class (diffusers' networks know none); else −1
 */
record Unet2dConfig(
        Optional<List<Integer>> size,
        int inChannels,
        int outChannels,
        List<Integer> widths,
        List<String> downBlocks,
        List<String> upBlocks,
        int blockLayers,
        int headWidth,
        int groups,
        int attentionGroups,
        double epsilon,
        boolean scaleShift,
        UnetChain.Middle middle,
        int embedding,
        Function.Kind activation,
        int padding,
        boolean resnetDown,
        boolean resnetUp,
        boolean centre,
        boolean cosineFirst,
        int shift,
        TimeEmbedding.Classes classes,
        int nullClass) {
    private static final String MODEL = "UNet2DModel: ";
    private static final String ATTN_DOWN = "AttnDownBlock2D";
    private static final String ATTN_UP = "AttnUpBlock2D";
    private static final String MIDDLE = "mid_block_type";
    private static final String EMBED_TYPE = "class_embed_type";
    /** Width of vectors in the place of classes, and of those that are added. */
    static final String PROJECTION = "projection_class_embeddings_input_dim";

    /** Which row of the table of classes stands for none. */
    static final String NULL_CLASS = "null_class";

    private static final int MAX_WIDTH = 1 << 20;

    Unet2dConfig {
        check(MODEL, widths, downBlocks.size(), upBlocks.size(), List.of(blockLayers), groups);
        checkEmbedding(MODEL, embedding);
        if (padding < 0 || padding > 1 || shift < 0 || inChannels < 1 || outChannels < 1) {
            throw new ModelException(
                    MODEL + "downsample_padding must be 0 or 1, channels positive, and freq_shift" + " not negative");
        }
        int n = widths.size();
        for (int i = 0; i < n; i++) {
            boolean attends = downBlocks.get(i).equals(ATTN_DOWN)
                    || upBlocks.get(n - 1 - i).equals(ATTN_UP)
                    || (i == n - 1 && middle == UnetChain.Middle.ATTENTION);
            if (attends && (headWidth < 0 || headWidth > widths.get(i))) {
                throw new ModelException(MODEL + "attention_head_dim " + headWidth + " does not lie in [1, "
                        + widths.get(i) + "], the channels of a block with attention");
            }
        }
        if (nullClass != -1
                && (classes.labels() != Labels.TABLE || nullClass != classes.count() - 1 || nullClass < 1)) {
            throw new ModelException(MODEL + NULL_CLASS + " " + nullClass + " is not the last of num_class_embeds "
                    + classes.count() + " rows of a table, of which two are needed");
        }
        if (middle == UnetChain.Middle.ATTENTION && attentionGroups > 0 && widths.getLast() % attentionGroups != 0) {
            throw new ModelException(
                    MODEL + "attn_norm_num_groups " + attentionGroups + " does not divide " + widths.getLast());
        }
    }

    /** Checks that the sizes fit each other. */
    static void check(String model, List<Integer> widths, int downs, int ups, List<Integer> layers, int groups) {
        int n = widths.size();
        if (n == 0 || n > 16 || downs != n || ups != n) {
            throw new ModelException(model + n + " block_out_channels, " + downs + " down_block_types, " + ups
                    + " up_block_types; as many of each are needed, from 1 to 16");
        }
        if (layers.stream().anyMatch(l -> l < 1 || l > 64) || groups < 1) {
            throw new ModelException(model + "layers_per_block must lie from 1 to 64 and norm_num_groups be positive");
        }
        if (widths.getFirst() % 2 != 0) {
            throw new ModelException(model + "block_out_channels " + widths + ": an odd first one is not supported");
        }
        for (int w : widths) {
            if (w < 1 || w > MAX_WIDTH || w % groups != 0) {
                throw new ModelException(model + "block_out_channels " + w + " must be positive, at most " + MAX_WIDTH
                        + " and a multiple of norm_num_groups " + groups);
            }
        }
    }

    /** Checks the width of the embedding of time. */
    static void checkEmbedding(String model, int embedding) {
        if (embedding < 1 || embedding > MAX_WIDTH) {
            throw new ModelException(
                    model + "time_embedding_dim " + embedding + " does not lie in [1, " + MAX_WIDTH + "]");
        }
    }

    /** Reads the configuration; what is not supported is refused by its name. */
    static Unet2dConfig read(JsonConfig c) {
        c.oneOf("time_embedding_type", "positional", "positional");
        UnetChain.Middle middle = middle(c);
        c.ignore("dropout", "num_train_timesteps");
        c.exactly("mid_block_scale_factor", 1);
        boolean scaleShift = c.oneOf("resnet_time_scale_shift", "default", "default", "scale_shift")
                .equals("scale_shift");
        int groups = c.integer("norm_num_groups", 32);
        int attentionGroups = c.integer("attn_norm_num_groups", 0);
        List<Integer> widths = c.integers("block_out_channels", List.of(224, 448, 672, 896));
        int channels = c.integer("in_channels", 3);
        Unet2dConfig u = new Unet2dConfig(
                c.has("sample_size") ? c.size("sample_size", 0) : Optional.empty(),
                channels,
                outChannels(c, channels, 3),
                widths,
                c.strings("down_block_types", List.of("DownBlock2D", ATTN_DOWN, ATTN_DOWN, ATTN_DOWN)),
                c.strings("up_block_types", List.of(ATTN_UP, ATTN_UP, ATTN_UP, "UpBlock2D")),
                c.same("layers_per_block", 2),
                c.same("attention_head_dim", c.has("attention_head_dim") ? 0 : 8),
                groups,
                attentionGroups == 0 && !scaleShift ? groups : attentionGroups,
                c.number("norm_eps", 1e-5),
                scaleShift,
                middle,
                c.integer("time_embedding_dim", 4 * firstOf(widths)),
                ActivationNames.read(c, "act_fn", "silu"),
                c.integer("downsample_padding", 1),
                c.oneOf("downsample_type", "conv", "conv", "resnet").equals("resnet"),
                c.oneOf("upsample_type", "conv", "conv", "resnet").equals("resnet"),
                c.flag("center_input_sample", false),
                c.flag("flip_sin_to_cos", true),
                c.integer("freq_shift", 0),
                classes(c, Map.of("timestep", Labels.TIMESTEP, "identity", Labels.IDENTITY), false),
                c.integer(NULL_CLASS, -1));
        c.done();
        return u;
    }

    private static UnetChain.Middle middle(JsonConfig c) {
        boolean attention = c.flag("add_attention", true);
        if (c.has(MIDDLE) && !c.isSet(MIDDLE)) {
            return UnetChain.Middle.NOTHING;
        }
        c.oneOf(MIDDLE, "UNetMidBlock2D", "UNetMidBlock2D");
        return attention ? UnetChain.Middle.ATTENTION : UnetChain.Middle.TWO_BLOCKS;
    }

    /** What classes are; of what {@code class_embed_type} may say these are supported. */
    static TimeEmbedding.Classes classes(JsonConfig c, Map<String, Labels> supported, boolean beside) {
        int count = c.integer("num_class_embeds", 0);
        if (count < 0) {
            throw new ModelException("num_class_embeds " + count + " is negative");
        }
        if (!c.isSet(EMBED_TYPE)) {
            return count == 0 ? TimeEmbedding.Classes.NONE : new TimeEmbedding.Classes(Labels.TABLE, count, beside);
        }
        String type = c.string(EMBED_TYPE, null);
        Labels labels = supported.get(type);
        if (labels == null) {
            throw c.refused(EMBED_TYPE, "null, " + String.join(", ", new TreeSet<>(supported.keySet())));
        }
        boolean projects = labels == Labels.PROJECTION || labels == Labels.SIMPLE_PROJECTION;
        int width = projects ? c.integer(PROJECTION, null) : 0;
        if (projects && (width < 1 || width > MAX_WIDTH)) {
            throw new ModelException(PROJECTION + " " + width + " does not lie in [1, " + MAX_WIDTH + "]");
        }
        return new TimeEmbedding.Classes(labels, width, beside);
    }

    /** {@code out_channels}: those of the input where it is null. */
    static int outChannels(JsonConfig c, int inChannels, int fallback) {
        return c.integer("out_channels", c.has("out_channels") ? inChannels : fallback);
    }

    /** The first of the widths, which are checked afterwards. */
    static int firstOf(List<Integer> widths) {
        return widths.isEmpty() ? 0 : widths.getFirst();
    }

    /** Heads of attention on so many channels. */
    Attention.Heads heads(int channels) {
        return headWidth == 0 ? new Attention.Heads(1, channels) : new Attention.Heads(channels / headWidth, headWidth);
    }
}
