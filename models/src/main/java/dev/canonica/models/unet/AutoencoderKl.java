package dev.canonica.models.unet;

import dev.canonica.autodiff.Arithmetic;
import dev.canonica.autodiff.Var;
import dev.canonica.models.JsonConfig;
import dev.canonica.models.ModelException;
import dev.canonica.models.ModelFamily;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * diffusers' {@code AutoencoderKL}: the variational autoencoder of latent diffusion (Rombach et al., 2022, §3.1 and Appendix G), between images
 * [B, C, H, W] in [−1, 1] and latents that are smaller by {@link #factor}.
 *
 * <pre>
 *   encode   (mean, log variance) = quant_conv(encoder(image))      decode   image = decoder(post_quant_conv(latent))
 * </pre>
 *
 * The latent is the mean of the posterior. Latents of {@link #encode} and {@link #decode} are the autoencoder's own; {@link #scaled} are those
 * that the denoiser is trained on.
 */
public final class AutoencoderKl extends Autoencoder {
    /** How it is read and written. */
    public static final ModelFamily<AutoencoderKl> FAMILY = ModelFamily.of(
                    AutoencoderKl.class, AutoencoderKl::new, network -> network.settings, "AutoencoderKL")
            .marked("encoder.conv_in.weight", "decoder.conv_in.weight");

    private final Map<String, ?> settings;
    private final AutoencoderConfig config;

    /**
     * An autoencoder with these parameters; its settings are the constructor arguments of {@code AutoencoderKL}.
     *
     * @throws ModelException if a setting or a tensor does not fit
     */
    public AutoencoderKl(JsonConfig settings, Map<String, Tensor> parameters) {
        this(settings, AutoencoderConfig.read(settings), parameters);
    }

    private AutoencoderKl(JsonConfig settings, AutoencoderConfig config, Map<String, Tensor> parameters) {
        super(plan(config), StateDict.checked("AutoencoderKL", shapes(config), OldNames.attention(parameters)));
        this.settings = settings.values();
        this.config = config;
    }

    /** The names and shapes of the parameters. */
    static Map<String, Shape> shapes(AutoencoderConfig config) {
        return shapes(plan(config)).map();
    }

    private static Plan plan(AutoencoderConfig c) {
        int moments = 2 * c.latentChannels();
        return new Plan(
                c.inChannels(),
                c.latentChannels(),
                c.widths().size(),
                CodecChains.encoder(c, moments, moments),
                CodecChains.decoder(c, c.latentChannels()));
    }

    /** The mean of the posterior [B, c, h, w]. */
    @Override
    public Tensor encode(Tensor images) {
        return encode(Var.constant(images), Probe.OUTPUT)
                .slice(1, 0, config.latentChannels())
                .value();
    }

    /**
     * The latent as the denoiser knows it: (z − shift_factor) · scaling_factor, or (z − latents_mean) / latents_std · scaling_factor where the model has
     * these.
     */
    @Override
    public Var scaled(Var z) {
        return config.means().isEmpty()
                ? Arithmetic.shift(z, -config.shift()).times(config.scale())
                : Arithmetic.divide(z.minus(channels(config.means(), z)), channels(config.deviations(), z))
                        .times(config.scale());
    }

    /** The inverse of {@link #scaled}. */
    @Override
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
