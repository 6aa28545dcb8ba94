package dev.canonica.models.unet;

import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.nn.Function;
import java.util.List;

/**
 * The constructor arguments of diffusers' {@code AutoencoderKL} and {@code VQModel}, as its {@code config.json} has them.
 *
 * @param inChannels channels of an image that is encoded
 * @param outChannels channels of an image that is decoded
 * @param latentChannels channels of a latent
 * @param widths {@code block_out_channels}, the finest resolution first
 * @param blockLayers {@code layers_per_block}: residual blocks of an encoder's block; a decoder's has one more
 * @param groups {@code norm_num_groups}
 * @param activation {@code act_fn}, of the residual blocks
 * @param middleAttention {@code mid_block_add_attention}
 * @param quantConvolution {@code use_quant_conv}
 * @param postQuantConvolution {@code use_post_quant_conv}
 * @param scale {@code scaling_factor}
 * @param shift {@code shift_factor}
 * @param means {@code latents_mean} of each channel; empty where it or {@code latents_std} is null
 * @param deviations {@code latents_std} of each channel
 */
record AutoencoderConfig(
        int inChannels,
        int outChannels,
        int latentChannels,
        List<Integer> widths,
        int blockLayers,
        int groups,
        Function.Kind activation,
        boolean middleAttention,
        boolean quantConvolution,
        boolean postQuantConvolution,
        double scale,
        double shift,
        List<Double> means,
        List<Double> deviations) {
    private static final String MODEL = "autoencoder: ";
    private static final String MEANS = "latents_mean";
    private static final String DEVIATIONS = "latents_std";
    private static final int MAX_LAYERS = 100;
    private static final int MAX_CHANNELS = 1 << 16;

    AutoencoderConfig {
        for (int c : new int[] {inChannels, outChannels, latentChannels}) {
            if (c < 1 || c > MAX_CHANNELS) {
                throw new ModelException(
                        MODEL + "in_channels, out_channels and latent_channels lie in [1, " + MAX_CHANNELS + "]");
            }
        }
        if (blockLayers < 1 || blockLayers > MAX_LAYERS || groups < 1) {
            throw new ModelException(
                    MODEL + "norm_num_groups must be positive, layers_per_block lies in [1, " + MAX_LAYERS + "]");
        }
        for (int w : widths) {
            if (w < 1 || w > MAX_CHANNELS || w % groups != 0) {
                throw new ModelException(MODEL + "block_out_channels " + w + " must be a multiple of norm_num_groups "
                        + groups + ", and at most " + MAX_CHANNELS);
            }
        }
        if (!means.isEmpty() || !deviations.isEmpty()) {
            if (means.size() != latentChannels
                    || deviations.size() != latentChannels
                    || deviations.stream().anyMatch(d -> !(d > 0))) {
                throw new ModelException(MODEL + MEANS + " " + means + " and " + DEVIATIONS + " " + deviations
                        + ": a number for each of " + latentChannels + " channels is needed, deviations above 0");
            }
        }
        if (!(scale > 0) || !Double.isFinite(shift)) {
            throw new ModelException(MODEL + "scaling_factor must be positive, and shift_factor a number");
        }
    }

    /** Reads the configuration; what is not supported is refused by its name. */
    static AutoencoderConfig read(JsonConfig c) {
        c.ignore("sample_size"); // the size that it was trained on, which every other may be beside
        c.ignore("force_upcast"); // 16-bit arithmetic, which there is none of here
        List<Integer> widths = c.integers("block_out_channels", List.of(64));
        blocks(c, "down_block_types", "DownEncoderBlock2D", widths.size());
        blocks(c, "up_block_types", "UpDecoderBlock2D", widths.size());
        int latents = c.integer("latent_channels", 4);
        boolean means = c.isSet(MEANS);
        boolean both = c.isSet(DEVIATIONS) && means; // as the pipelines have it, which else scale alone
        AutoencoderConfig a = new AutoencoderConfig(
                c.integer("in_channels", 3),
                c.integer("out_channels", 3),
                latents,
                widths,
                c.same("layers_per_block", 1),
                c.integer("norm_num_groups", 32),
                ActivationNames.read(c, "act_fn", "silu"),
                c.flag("mid_block_add_attention", true),
                c.flag("use_quant_conv", true),
                c.flag("use_post_quant_conv", true),
                c.number("scaling_factor", 0.18215),
                c.number("shift_factor", 0.0),
                both ? c.numbers(MEANS) : List.of(),
                both ? c.numbers(DEVIATIONS) : List.of());
        c.done();
        return a;
    }

    private static void blocks(JsonConfig c, String key, String supported, int n) {
        List<String> types = c.strings(key, List.of(supported));
        for (String type : types) {
            if (!type.equals(supported)) {
                throw new ModelException(MODEL + "block type '" + type + "' is not supported; supported: " + supported);
            }
        }
        if (n == 0 || n > 16 || types.size() != n) {
            throw new ModelException(MODEL + n + " block_out_channels and " + types.size() + " " + key
                    + "; as many of each are needed, from 1 to 16");
        }
    }
}
