package dev.canonica.models.unet;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Network;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Attention;
import dev.canonica.models.nn.Chain;
import dev.canonica.models.nn.Conv;
import dev.canonica.models.nn.Function;
import dev.canonica.models.nn.Norm;
import dev.canonica.models.nn.Pass;
import dev.canonica.models.unet.ResnetBlock.Resampling;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * diffusers' {@code AutoencoderKL}: the variational autoencoder of latent diffusion (Rombach et al. 2022, §3.1 and Appendix G), between images
 * [B, C, H, W] in [−1, 1] and latents that are smaller by {@link #factor}.
 *
 * <pre>
 *   encode   (mean, log variance) = quant_conv(encoder(image))      decode   image = decoder(post_quant_conv(latent))
 * </pre>
 *
 * The latent is the mean of the posterior. Latents of {@link #encode} and {@link #decode} are the autoencoder's own; {@link #scaled} are those
 * that the denoiser is trained on.
 */
public final class AutoencoderKl implements Network {
    /** How it is read and written. */
    public static final ModelFamily<AutoencoderKl> FAMILY =
            ModelFamily.of(AutoencoderKl.class, AutoencoderKl::new, network -> network.settings, "AutoencoderKL");

    private static final double EPSILON = 1e-6;

    private final Map<String, ?> settings;
    private final AutoencoderConfig config;
    private final Chain encoder;
    private final Chain decoder;
    private final Map<String, Tensor> parameters;

    /**
     * An autoencoder with these parameters; its settings are the constructor arguments of {@code AutoencoderKL}.
     *
     * @throws ModelException if a setting or a tensor does not fit
     */
    public AutoencoderKl(JsonConfig settings, Map<String, Tensor> parameters) {
        this.settings = settings.values();
        this.config = AutoencoderConfig.read(settings);
        this.encoder = encoder(config);
        this.decoder = decoder(config);
        this.parameters = StateDict.checked("AutoencoderKL", shapes(config), OldNames.attention(parameters));
    }

    /** The names and shapes of the parameters. */
    static Map<String, Shape> shapes(AutoencoderConfig config) {
        StateDict.Shapes shapes = new StateDict.Shapes();
        encoder(config).declare(shapes);
        decoder(config).declare(shapes);
        return shapes.map();
    }

    private static Chain encoder(AutoencoderConfig c) {
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
        int moments = 2 * c.latentChannels();
        last(chain, c, "encoder", at, moments);
        return c.quantConvolution() ? chain.add(Conv.same("quant_conv", moments, moments, 1)) : chain;
    }

    private static Chain decoder(AutoencoderConfig c) {
        List<Integer> widths = c.widths();
        int latents = c.latentChannels();
        Chain chain = new Chain();
        if (c.postQuantConvolution()) {
            chain.add(Conv.same("post_quant_conv", latents, latents, 1));
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

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    /** The encoder's layers in the order of computation; {@code output} is mean and log variance [B, 2 C, h, w]. */
    public List<String> encoderLayers() {
        return names(encoder);
    }

    /** The decoder's layers in the order of computation; {@code output} is the image. */
    public List<String> decoderLayers() {
        return names(decoder);
    }

    private static List<String> names(Chain chain) {
        return Stream.concat(chain.layers().stream(), Stream.of(Probe.OUTPUT)).toList();
    }

    /** All layers, the encoder's before the decoder's; {@code output} is the decoder's. */
    @Override
    public List<String> layers() {
        return Stream.concat(
                        encoderLayers().stream().filter(layer -> !layer.equals(Probe.OUTPUT)), decoderLayers().stream())
                .toList();
    }

    /** Channels of a latent. */
    public int latentChannels() {
        return config.latentChannels();
    }

    /** How much smaller latents are than images, along each side. */
    public int factor() {
        return 1 << (config.widths().size() - 1);
    }

    /** The mean of the posterior [B, C, h, w] of images in [−1, 1]. */
    public Tensor encode(Tensor images) {
        return encode(Var.constant(images), Probe.OUTPUT)
                .slice(1, 0, config.latentChannels())
                .value();
    }

    /** The images of latents [B, C, h, w], in [−1, 1] or near it. */
    public Tensor decode(Tensor latents) {
        return decode(Var.constant(latents), Probe.OUTPUT).value();
    }

    /** The output of one of the {@link #encoderLayers}; nothing after it is computed. */
    public Var encode(Var images, String layer) {
        Shape s = images.shape();
        int f = factor();
        if (s.rank() != 4 || s.dim(1) != config.inChannels() || s.dim(2) < f || s.dim(3) < f) {
            throw new ModelException("image: shape %s, needed [B, %d, H, W] with H and W at least %d"
                    .formatted(s, config.inChannels(), f));
        }
        return forward(encoder, images, layer);
    }

    /** The output of one of the {@link #decoderLayers}; nothing after it is computed. */
    public Var decode(Var latents, String layer) {
        Shape s = latents.shape();
        if (s.rank() != 4 || s.dim(1) != config.latentChannels()) {
            throw new ModelException("latent: shape %s, needed [B, %d, h, w]".formatted(s, config.latentChannels()));
        }
        return forward(decoder, latents, layer);
    }

    private Var forward(Chain chain, Var x, String layer) {
        Probe probe = new Probe(layer).checked(names(chain));
        probe.at(Probe.OUTPUT, chain.forward(new Pass(Weights.constant(parameters), probe), x));
        return probe.value();
    }

    /**
     * The latent as the denoiser knows it: (z − shift_factor) · scaling_factor, or (z − latents_mean) / latents_std · scaling_factor where the model has
     * these.
     */
    public Var scaled(Var z) {
        return config.means().isEmpty()
                ? Arithmetic.shift(z, -config.shift()).times(config.scale())
                : Arithmetic.divide(z.minus(channels(config.means(), z)), channels(config.deviations(), z))
                        .times(config.scale());
    }

    /** The inverse of {@link #scaled}. */
    public Var unscaled(Var z) {
        return config.means().isEmpty()
                ? Arithmetic.shift(z.times(1 / config.scale()), config.shift())
                : z.times(1 / config.scale())
                        .times(channels(config.deviations(), z))
                        .plus(channels(config.means(), z));
    }

    /** A number for each channel, to be broadcast. */
    private static Var channels(List<Double> values, Var like) {
        double[] v = values.stream().mapToDouble(Double::doubleValue).toArray();
        return Var.constant(Tensor.of(v, v.length, 1, 1).to(like.value().dtype()));
    }
}
