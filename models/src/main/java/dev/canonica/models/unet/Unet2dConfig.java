package dev.canonica.models.unet;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import java.util.List;

/**
 * The constructor arguments of diffusers' {@code UNet2DModel}, as its {@code config.json} has them.
 *
 * @param size height and width of a sample
 * @param inChannels channels of a sample
 * @param outChannels channels of the output
 * @param widths {@code block_out_channels}
 * @param downBlocks {@code down_block_types}
 * @param upBlocks {@code up_block_types}
 * @param blockLayers {@code layers_per_block}
 * @param headWidth {@code attention_head_dim}; 0: one head
 * @param groups {@code norm_num_groups}
 * @param attentionGroups {@code attn_norm_num_groups}, of the middle block's attention
 * @param epsilon {@code norm_eps}
 * @param scaleShift whether {@code resnet_time_scale_shift} is {@code scale_shift}
 * @param middleAttention {@code add_attention}
 * @param padding {@code downsample_padding}
 * @param resnetDown whether {@code downsample_type} is {@code resnet}: of blocks with attention
 * @param resnetUp whether {@code upsample_type} is {@code resnet}
 * @param centre {@code center_input_sample}
 * @param cosineFirst {@code flip_sin_to_cos}
 * @param shift {@code freq_shift}
 * @param classes {@code num_class_embeds}; 0: unconditional
 */
record Unet2dConfig(
        int size,
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
        boolean middleAttention,
        int padding,
        boolean resnetDown,
        boolean resnetUp,
        boolean centre,
        boolean cosineFirst,
        int shift,
        int classes) {
    private static final String MODEL = "UNet2DModel: ";
    private static final String ATTN_DOWN = "AttnDownBlock2D";
    private static final String ATTN_UP = "AttnUpBlock2D";
    private static final int MAX_WIDTH = 1 << 20;

    Unet2dConfig {
        check(MODEL, size, widths, downBlocks.size(), upBlocks.size(), blockLayers, groups);
        if (padding < 0 || padding > 1 || shift < 0 || classes < 0 || inChannels < 1 || outChannels < 1) {
            throw new ModelException(MODEL + "downsample_padding must be 0 or 1, channels positive, and freq_shift"
                    + " and num_class_embeds not negative");
        }
        for (int w : widths) {
            if (headWidth > 0 && w % headWidth != 0) {
                throw new ModelException(MODEL + "attention_head_dim " + headWidth + " does not divide " + w);
            }
            if (w % attentionGroups != 0) {
                throw new ModelException(MODEL + "attn_norm_num_groups " + attentionGroups + " does not divide " + w);
            }
        }
    }

    /** Checks that the sizes fit each other. */
    static void check(String model, int size, List<Integer> widths, int downs, int ups, int layers, int groups) {
        int n = widths.size();
        if (n == 0 || n > 16 || downs != n || ups != n) {
            throw new ModelException(model + n + " block_out_channels, " + downs + " down_block_types, " + ups
                    + " up_block_types; as many of each are needed, from 1 to 16");
        }
        int factor = 1 << (n - 1);
        if (size < 1 || size % factor != 0) {
            throw new ModelException(model + "sample_size " + size + " must be a multiple of " + factor);
        }
        if (layers < 1 || layers > 64 || groups < 1) {
            throw new ModelException(model + "layers_per_block must lie from 1 to 64 and norm_num_groups be positive");
        }
        for (int w : widths) {
            if (w < 2 || w > MAX_WIDTH || w % 2 != 0 || w % groups != 0) {
                throw new ModelException(model + "block_out_channels " + w + " must be even, at most " + MAX_WIDTH
                        + " and a multiple of norm_num_groups " + groups);
            }
        }
    }

    /** Reads the configuration; what is not supported is refused by its name. */
    static Unet2dConfig read(JsonConfig c) {
        c.oneOf("time_embedding_type", "positional", "positional");
        c.oneOf("mid_block_type", "UNetMidBlock2D", "UNetMidBlock2D");
        c.oneOf("act_fn", "silu", "silu", "swish");
        c.unset("class_embed_type", "time_embedding_dim");
        c.ignore("dropout", "num_train_timesteps");
        c.exactly("mid_block_scale_factor", 1);
        boolean scaleShift = c.oneOf("resnet_time_scale_shift", "default", "default", "scale_shift")
                .equals("scale_shift");
        int groups = c.integer("norm_num_groups", 32);
        int attentionGroups = c.integer("attn_norm_num_groups", 0);
        boolean middle = c.flag("add_attention", true);
        if (scaleShift && attentionGroups == 0 && middle) {
            throw new ModelException(MODEL + "attn_norm_num_groups is needed where resnet_time_scale_shift is"
                    + " scale_shift: attention without a norm is not supported");
        }
        Unet2dConfig u = new Unet2dConfig(
                c.integer("sample_size", null),
                c.integer("in_channels", 3),
                c.integer("out_channels", 3),
                c.integers("block_out_channels", List.of(224, 448, 672, 896)),
                c.strings("down_block_types", List.of("DownBlock2D", ATTN_DOWN, ATTN_DOWN, ATTN_DOWN)),
                c.strings("up_block_types", List.of(ATTN_UP, ATTN_UP, ATTN_UP, "UpBlock2D")),
                c.integer("layers_per_block", 2),
                c.integer("attention_head_dim", c.has("attention_head_dim") ? 0 : 8),
                groups,
                attentionGroups == 0 ? groups : attentionGroups,
                c.number("norm_eps", 1e-5),
                scaleShift,
                middle,
                c.integer("downsample_padding", 1),
                c.oneOf("downsample_type", "conv", "conv", "resnet").equals("resnet"),
                c.oneOf("upsample_type", "conv", "conv", "resnet").equals("resnet"),
                c.flag("center_input_sample", false),
                c.flag("flip_sin_to_cos", true),
                c.integer("freq_shift", 0),
                c.integer("num_class_embeds", 0));
        c.done();
        return u;
    }

    /** Width of the embedding of time. */
    int embedding() {
        return 4 * widths.getFirst();
    }

    /** Heads of attention on so many channels. */
    int heads(int channels) {
        return headWidth == 0 ? 1 : channels / headWidth;
    }
}
