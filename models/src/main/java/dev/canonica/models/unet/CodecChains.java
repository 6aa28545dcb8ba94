package dev.canonica.models.unet;

import dev.canonica.models.nn.Attention;
import dev.canonica.models.nn.Chain;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.unet.ResnetBlock.Resampling;
import java.util.List;

/** {@code Encoder} and {@code Decoder} of diffusers' larger autoencoders (Rombach et al. 2022, Appendix G). */
final class CodecChains {
    private static final double EPSILON = 1e-6;

    private CodecChains() {}

    /**
     * The encoder.
     *
     * @param out channels of its last convolution
     * @param latents those that {@code quant_conv} makes of them
     */
    static Chain encoder(AutoencoderConfig c, int out, int latents) {
        List<Integer> widths = c.widths();
        Chain chain = new Chain().add(Conv.same("encoder.conv_in", c.inChannels(), widths.getFirst(), 3));
        int at = widths.getFirst();
        for (int i = 0; i < widths.size(); i++) {
            String block = "encoder.down_blocks." + i;
            for (int j = 0; j < c.blockLayers(); j++) {
                chain.add(resnet(c, block + ".resnets." + j, at, widths.get(i)));
                at = widths.get(i);
            }
            if (i < widths.size() - 1) {
                chain.add(new Downsampler(block + ".downsamplers.0", at, 0));
            }
            chain.end(block);
        }
        middle(chain, c, "encoder.mid_block", at);
        last(chain, c, "encoder", at, out);
        return c.quantConvolution() ? chain.add(Conv.same("quant_conv", out, latents, 1)) : chain;
    }

    /**
     * The decoder.
     *
     * @param in channels that {@code post_quant_conv} is given
     */
    static Chain decoder(AutoencoderConfig c, int in) {
        List<Integer> widths = c.widths();
        int latents = c.latentChannels();
        Chain chain = new Chain();
        if (c.postQuantConvolution()) {
            chain.add(Conv.same("post_quant_conv", in, latents, 1));
        }
        int at = widths.getLast();
        chain.add(Conv.same("decoder.conv_in", latents, at, 3));
        middle(chain, c, "decoder.mid_block", at);
        for (int i = 0; i < widths.size(); i++) {
            String block = "decoder.up_blocks." + i;
            int level = widths.size() - 1 - i;
            for (int j = 0; j <= c.blockLayers(); j++) {
                chain.add(resnet(c, block + ".resnets." + j, at, widths.get(level)));
                at = widths.get(level);
            }
            if (level > 0) {
                chain.add(new Upsampler(block + ".upsamplers.0", at));
            }
            chain.end(block);
        }
        return last(chain, c, "decoder", at, c.outChannels());
    }

    private static void middle(Chain chain, AutoencoderConfig c, String block, int channels) {
        chain.add(resnet(c, block + ".resnets.0", channels, channels));
        if (c.middleAttention()) {
            chain.add(new SpatialAttention(
                    block + ".attentions.0", channels, new Attention.Heads(1, channels), c.groups(), EPSILON));
        }
        chain.add(resnet(c, block + ".resnets.1", channels, channels)).end(block);
    }

    private static Chain last(Chain chain, AutoencoderConfig c, String module, int in, int out) {
        return chain.add(new Norm.OfGroups(module + ".conv_norm_out", in, c.groups(), EPSILON))
                .add(Function.silu(module + ".conv_act"))
                .add(Conv.same(module + ".conv_out", in, out, 3))
                .end(module);
    }

    private static ResnetBlock resnet(AutoencoderConfig c, String path, int in, int out) {
        return new ResnetBlock(
                path,
                in,
                out,
                new ResnetBlock.Settings(0, c.groups(), EPSILON, false, c.activation()),
                Resampling.NONE);
    }
}
