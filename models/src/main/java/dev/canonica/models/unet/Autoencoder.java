package dev.canonica.models.unet;

import dev.canonica.autodiff.Var;
import dev.canonica.models.ModelException;
import dev.canonica.models.Network;
import dev.canonica.models.Probe;
import dev.canonica.models.StateDict;
import dev.canonica.models.Weights;
import dev.canonica.models.nn.Chain;
import dev.canonica.models.nn.Pass;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An autoencoder between images [B, C, H, W] in [−1, 1] and latents [B, c, h, w] that are smaller by {@link #factor}. Latents of {@link #encode} and {@link
 * #decode} are the autoencoder's own; {@link #scaled} are those that the denoiser is trained on.
 */
public abstract class Autoencoder implements Network {
    private final Plan plan;
    private final Map<String, Tensor> parameters;

    /**
     * What an autoencoder is made of.
     *
     * @param images channels of an image that is encoded
     * @param latents channels of a latent that is decoded
     * @param levels resolutions, of which each has half of the height and width of the one before
     */
    record Plan(int images, int latents, int levels, Chain encoder, Chain decoder) {}

    Autoencoder(Plan plan, Map<String, Tensor> parameters) {
        this.plan = plan;
        this.parameters = parameters;
    }

    /** The names and shapes of the parameters of both halves. */
    static StateDict.Shapes shapes(Plan plan) {
        StateDict.Shapes shapes = new StateDict.Shapes();
        plan.encoder.declare(shapes);
        plan.decoder.declare(shapes);
        return shapes;
    }

    @Override
    public final Map<String, Tensor> parameters() {
        return parameters;
    }

    /** The encoder's layers in the order of computation; {@code output} is what latents are taken from. */
    public final List<String> encoderLayers() {
        return names(plan.encoder);
    }

    /** The decoder's layers in the order of computation; {@code output} is the image. */
    public final List<String> decoderLayers() {
        return names(plan.decoder);
    }

    private static List<String> names(Chain chain) {
        return Stream.concat(chain.layers().stream(), Stream.of(Probe.OUTPUT)).toList();
    }

    /** All layers, the encoder's before the decoder's; {@code output} is the decoder's. */
    @Override
    public final List<String> layers() {
        return Stream.concat(
                        encoderLayers().stream().filter(layer -> !layer.equals(Probe.OUTPUT)), decoderLayers().stream())
                .toList();
    }

    /** Channels of a latent. */
    public final int latentChannels() {
        return plan.latents;
    }

    /** How much smaller latents are than images, along each side. */
    public final int factor() {
        return 1 << (plan.levels - 1);
    }

    /** The latents [B, c, h, w] of images in [−1, 1]. */
    public Tensor encode(Tensor images) {
        return encode(Var.constant(images), Probe.OUTPUT).value();
    }

    /** The images of latents [B, c, h, w], in [−1, 1] or near it. */
    public final Tensor decode(Tensor latents) {
        return decode(Var.constant(latents), Probe.OUTPUT).value();
    }

    /** The output of one of the {@link #encoderLayers}; nothing after it is computed. */
    public final Var encode(Var images, String layer) {
        Shape s = images.shape();
        int f = factor();
        if (s.rank() != 4 || s.dim(1) != plan.images || s.dim(2) < f || s.dim(3) < f) {
            throw new ModelException(
                    "image: shape %s, needed [B, %d, H, W] with H and W at least %d".formatted(s, plan.images, f));
        }
        return forward(plan.encoder, encoderInput(images), layer);
    }

    /** The output of one of the {@link #decoderLayers}; nothing after it is computed. */
    public final Var decode(Var latents, String layer) {
        Shape s = latents.shape();
        if (s.rank() != 4 || s.dim(1) != plan.latents) {
            throw new ModelException("latent: shape %s, needed [B, %d, h, w]".formatted(s, plan.latents));
        }
        return forward(plan.decoder, decoderInput(latents), layer);
    }

    /** What the encoder's first layer is given of images. */
    Var encoderInput(Var images) {
        return images;
    }

    /** What the decoder's first layer is given of latents. */
    Var decoderInput(Var latents) {
        return latents;
    }

    private Var forward(Chain chain, Var x, String layer) {
        Probe probe = new Probe(layer).checked(names(chain));
        probe.at(Probe.OUTPUT, chain.forward(new Pass(Weights.constant(parameters), probe), x));
        return probe.value();
    }

    /** The latent as the denoiser knows it. */
    public abstract Var scaled(Var z);

    /** The inverse of {@link #scaled}. */
    public abstract Var unscaled(Var z);
}
