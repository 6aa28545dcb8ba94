package dev.canonica.models.unet;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.nn.Function;
import dev.canonica.models.unet.TimeEmbedding.Labels;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The constructor arguments of diffusers' {@code UNet2DConditionModel}, as its {@code config.json} has them.
 *
 * @param size height and width of a sample that the model was trained on; empty where {@code sample_size} is null
 * @param inChannels channels of a sample
 * @param outChannels channels of the output
 * @param widths {@code block_out_channels}
 * @param downBlocks {@code down_block_types}
 * @param upBlocks {@code up_block_types}
 * @param blockLayers {@code layers_per_block}, for each width
 * @param middle by {@code mid_block_type}
 * @param depths {@code transformer_layers_per_block}, for each width
 * @param heads of attention of ⌊width / heads⌋ numbers, for each width: {@code num_attention_heads}, or, as published checkpoints have it, {@code attention_head_dim}
 * @param context {@code cross_attention_dim}
 * @param linear {@code use_linear_projection}
 * @param groups {@code norm_num_groups}
 * @param epsilon {@code norm_eps}
 * @param scaleShift whether {@code resnet_time_scale_shift} is {@code scale_shift}
 * @param padding {@code downsample_padding}
 * @param centre {@code center_input_sample}
 * @param cosineFirst {@code flip_sin_to_cos}
 * @param shift {@code freq_shift}
 * @param embedding {@code time_embedding_dim}, width of the embedding of time
 * @param activation {@code act_fn}
 * @param after {@code timestep_post_act}
 * @param last {@code time_embedding_act_fn}
 * @param classes by {@code class_embed_type}, {@code num_class_embeds} and {@code class_embeddings_concat}
 * @param additions by {@code addition_embed_type} and {@code time_cond_proj_dim}
 * @param inKernel {@code conv_in_kernel}
 * @param outKernel {@code conv_out_kernel}
 */
record Unet2dConditionConfig(
        Optional<List<Integer>> size,
        int inChannels,
        int outChannels,
        List<Integer> widths,
        List<String> downBlocks,
        List<String> upBlocks,
        List<Integer> blockLayers,
        UnetChain.Middle middle,
        List<Integer> depths,
        List<Integer> heads,
        int context,
        boolean linear,
        int groups,
        double epsilon,
        boolean scaleShift,
        int padding,
        boolean centre,
        boolean cosineFirst,
        int shift,
        int embedding,
        Function.Kind activation,
        Function.@Nullable Kind after,
        Function.@Nullable Kind last,
        TimeEmbedding.Classes classes,
        TimeEmbedding.Additions additions,
        int inKernel,
        int outKernel) {
    private static final String MODEL = "UNet2DConditionModel: ";
    private static final String CROSS_DOWN = "CrossAttnDownBlock2D";
    private static final String CROSS_UP = "CrossAttnUpBlock2D";
    private static final String MIDDLE = "mid_block_type";
    private static final int MAX_DEPTH = 64;
    private static final int MAX_KERNEL = 31;
    private static final int MAX_SUM = 1 << 20;
    private static final Map<String, Labels> CLASSES = Map.of(
            "timestep", Labels.TIMESTEP,
            "identity", Labels.IDENTITY,
            "projection", Labels.PROJECTION,
            "simple_projection", Labels.SIMPLE_PROJECTION);

    Unet2dConditionConfig {
        Unet2dConfig.check(MODEL, widths, downBlocks.size(), upBlocks.size(), blockLayers, groups);
        Unet2dConfig.checkEmbedding(MODEL, embedding);
        for (int kernel : new int[] {inKernel, outKernel}) {
            if (kernel < 1 || kernel > MAX_KERNEL || kernel % 2 == 0) {
                throw new ModelException(MODEL + "conv_in_kernel " + inKernel + " and conv_out_kernel " + outKernel
                        + ": even ones are not supported; odd ones from 1 to " + MAX_KERNEL + " are");
            }
        }
        if (padding < 0 || padding > 1 || shift < 0 || context < 1 || inChannels < 1 || outChannels < 1) {
            throw new ModelException(MODEL + "downsample_padding must be 0 or 1, channels and cross_attention_dim"
                    + " positive, and freq_shift not negative");
        }
        int n = widths.size();
        for (int i = 0; i < n; i++) {
            boolean attends = downBlocks.get(i).equals(CROSS_DOWN)
                    || upBlocks.get(n - 1 - i).equals(CROSS_UP)
                    || (i == n - 1 && middle == UnetChain.Middle.ATTENTION);
            if (attends && (heads.get(i) < 1 || heads.get(i) > widths.get(i))) {
                throw new ModelException(MODEL + "attention_head_dim, which is the number of heads, is " + heads.get(i)
                        + ": it does not lie in [1, " + widths.get(i) + "], the channels of a block with attention");
            }
            if (attends && (depths.get(i) < 1 || depths.get(i) > MAX_DEPTH)) {
                throw new ModelException(
                        MODEL + "transformer_layers_per_block " + depths.get(i) + " must lie from 1 to " + MAX_DEPTH);
            }
        }
    }

    /** Reads the configuration; what is not supported is refused by its name. */
    static Unet2dConditionConfig read(JsonConfig c) {
        c.oneOf("time_embedding_type", "positional", "positional");
        c.oneOf("attention_type", "default", "default");
        c.unset(
                "only_cross_attention",
                "mid_block_only_cross_attention",
                "dual_cross_attention",
                "cross_attention_norm");
        c.unset("encoder_hid_dim", "encoder_hid_dim_type", "reverse_transformer_layers_per_block");
        c.unset("resnet_skip_time_act");
        c.ignore("dropout", "addition_embed_type_num_heads", "upcast_attention");
        c.exactly("mid_block_scale_factor", 1);
        c.exactly("resnet_out_scale_factor", 1);
        List<Integer> widths = c.integers("block_out_channels", List.of(320, 640, 1280, 1280));
        int n = widths.size();
        List<Integer> headWidth = c.integers("attention_head_dim", n, 8);
        int channels = c.integer("in_channels", 4);
        Unet2dConditionConfig u = new Unet2dConditionConfig(
                c.has("sample_size") ? c.size("sample_size", 0) : Optional.empty(),
                channels,
                Unet2dConfig.outChannels(c, channels, 4),
                widths,
                c.strings("down_block_types", List.of(CROSS_DOWN, CROSS_DOWN, CROSS_DOWN, "DownBlock2D")),
                c.strings("up_block_types", List.of("UpBlock2D", CROSS_UP, CROSS_UP, CROSS_UP)),
                c.integers("layers_per_block", n, 2),
                middle(c),
                c.integers("transformer_layers_per_block", n, 1),
                c.isSet("num_attention_heads") ? c.integers("num_attention_heads", n, 8) : headWidth,
                c.same("cross_attention_dim", 1280),
                c.flag("use_linear_projection", false),
                c.integer("norm_num_groups", 32),
                c.number("norm_eps", 1e-5),
                c.oneOf("resnet_time_scale_shift", "default", "default", "scale_shift")
                        .equals("scale_shift"),
                c.integer("downsample_padding", 1),
                c.flag("center_input_sample", false),
                c.flag("flip_sin_to_cos", true),
                c.integer("freq_shift", 0),
                c.integer("time_embedding_dim", 4 * Unet2dConfig.firstOf(widths)),
                ActivationNames.read(c, "act_fn", "silu"),
                activation(c, "timestep_post_act"),
                activation(c, "time_embedding_act_fn"),
                Unet2dConfig.classes(c, CLASSES, c.flag("class_embeddings_concat", false)),
                additions(c),
                c.integer("conv_in_kernel", 3),
                c.integer("conv_out_kernel", 3));
        c.done();
        return u;
    }

    private static Function.@Nullable Kind activation(JsonConfig c, String key) {
        return c.isSet(key) ? ActivationNames.read(c, key, "") : null;
    }

    private static TimeEmbedding.Additions additions(JsonConfig c) {
        int guidance = c.integer("time_cond_proj_dim", 0);
        int ids = c.integer("addition_time_embed_dim", 0);
        int sum = c.integer(Unet2dConfig.PROJECTION, 0);
        boolean adds = c.isSet("addition_embed_type");
        if (adds) {
            c.oneOf("addition_embed_type", "", "text_time");
            if (ids < 2 || ids % 2 != 0 || ids > MAX_SUM || sum < ids || sum > MAX_SUM) {
                throw new ModelException(MODEL + "addition_time_embed_dim " + ids + " must be even and positive, and "
                        + Unet2dConfig.PROJECTION + " " + sum + " at least as much and at most " + MAX_SUM);
            }
        }
        if (guidance < 0 || guidance > MAX_SUM) {
            throw new ModelException(
                    MODEL + "time_cond_proj_dim " + guidance + " does not lie in [0, " + MAX_SUM + "]");
        }
        return new TimeEmbedding.Additions(guidance, adds ? ids : 0, adds ? sum : 0);
    }

    private static UnetChain.Middle middle(JsonConfig c) {
        if (c.has(MIDDLE) && !c.isSet(MIDDLE)) {
            return UnetChain.Middle.NOTHING;
        }
        String cross = "UNetMidBlock2DCrossAttn";
        String plain = "UNetMidBlock2D";
        return c.oneOf(MIDDLE, cross, cross, plain).equals(cross)
                ? UnetChain.Middle.ATTENTION
                : UnetChain.Middle.ONE_BLOCK;
    }
}
