package dev.canonica.clarid;

import dev.canonica.models.Condition;
import dev.canonica.models.diffusion.Sampler;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * By which way a canonical sample x̃₀ has a latent at t_r, of which its features are taken. The paper (arXiv 2506.09955) takes the CLARep's own, on the way down; the others ask nothing but the sample, and are
 * options of our own.
 *
 * <pre>
 *   decoding   x̃_te → x_tr → x̃₀          x_tr is passed by F_dec, and no pass of the network more is needed
 *   noised     x_tr = √ᾱ x̃₀ + √(1 − ᾱ) ε          the forward process; of a flow t x̃₀ + (1 − t) ε ({@link Sampler#noised})
 *   inverted   x_tr = F_inv(x̃₀, c)          from 0 to t_r as images are inverted, without guidance; a pass of the network for each step
 * </pre>
 *
 * <p>ε is made of the seed and of what the image holds of which x̃₀ is: it is the same in any batch, order or shard, and for all that is made of one image. Where the model works on latents, x̃₀ is one, and is not
 * decoded in between.
 */
public enum FeatureWay {
    /** x_tr as it is passed on the way down to x̃₀. */
    DECODING,
    /** x̃₀ with noise. */
    NOISED,
    /** x̃₀ inverted under the image's condition. */
    INVERTED;

    /** The names of the command line, as settings have them. */
    public static final List<String> NAMES =
            Arrays.stream(values()).map(FeatureWay::title).toList();

    private static final long STREAM = -16; // of ε; maps and replacements have −9 and above

    /**
     * By its name.
     *
     * @throws IllegalArgumentException if there is none of this name; it says which there are
     */
    public static FeatureWay of(String name) {
        int at = NAMES.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException(
                    "feature way: '%s' is not one of %s".formatted(name, String.join(", ", NAMES)));
        }
        return values()[at];
    }

    /** Its name. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The latents at t_r of samples that are there, by any way but {@link #DECODING}, which is seen in decoding alone.
     *
     * @param method model, sampler, inversion and, for ε, the decomposition's seed
     * @param level of t_r
     * @param samples x̃₀, in the model's samples [B, C, H, W]
     * @param images x₀ of which they are [B, C, H, W]; asked for where noise is made
     * @param c conditions [B]
     * @return [B, C, H, W]
     * @throws IllegalStateException by the way of decoding
     */
    public Tensor latents(CanonicalExtraction method, int level, Tensor samples, Supplier<Tensor> images, Condition c) {
        return switch (this) {
            case DECODING -> throw new IllegalStateException("features on the way of decoding are taken in decoding");
            case NOISED -> {
                long[] streams;
                try (Scope _ = Scope.open()) {
                    streams = EvidenceMap.streams(images.get());
                }
                Tensor noise = EvidenceMap.noise(samples, streams, method.svd().seed(), STREAM);
                yield method.sampler().noised(samples, noise, level);
            }
            case INVERTED -> method.sampler().invert(method.denoiser(c), samples, level, method.inversion());
        };
    }
}
