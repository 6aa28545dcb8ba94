package dev.canonica.models.diffusion;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The deterministic way between an image and the noise that it comes from, over levels of noise that are counted from the image upwards: CLARID's
 * F_inv and F_dec.
 */
public interface Sampler {
    /** S, the steps of the whole way. */
    int steps();

    /** The level of the most noise. */
    int last();

    /** The time of a level, as the network is given it. */
    double time(int level);

    /** The time of a level, in words. */
    String timeInWords(int level);

    /** The time of a level and its noise, in words. */
    String describe(int level);

    /** The numbers by which the way to a level is known from other ways to it, by their names; all are finite. */
    default Map<String, Double> numbers(int level) {
        return Map.of("time", time(level));
    }

    /** The name of the method. */
    String method();

    /** What the network predicts, as the command line names it. */
    String predicted();

    /** The level m = round(f S) of a fraction f of the steps, and at most the {@linkplain #last last}. */
    default int at(double fraction) {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new ModelException("te: " + fraction + " is not a fraction from 0 to 1");
        }
        return (int) Math.min(Math.round(fraction * steps()), last());
    }

    /**
     * The share of signal in a level's power, a² / (a² + b²) where its latents are a x₀ + b ε: ᾱ of diffusion. By it levels of different schedules
     * compare, which fractions of their steps do not.
     */
    double signal(int level);

    /** The level whose {@linkplain #signal share of signal} is nearest to a number; of equal ones the lowest. */
    default int ofSignal(double signal) {
        int best = 0;
        for (int level = 1; level <= last(); level++) {
            if (Math.abs(signal(level) - signal) < Math.abs(signal(best) - signal)) {
                best = level;
            }
        }
        return best;
    }

    /** a x₀ + b ε of a level, 0 … {@link #last}: images x₀ [B, C, H, W] with noise ε of their shape, without the network. */
    Tensor noised(Tensor x0, Tensor noise, int level);

    /**
     * x̂₀, the image that the network expects of a latent.
     *
     * @param x the latent at a level
     * @param output what the network predicts there
     */
    Tensor clean(Tensor x, Tensor output, int level);

    /**
     * F_inv: the latents [B, C, H, W] at a level of images, or latents of an autoencoder, x₀ [B, C, H, W].
     *
     * @param denoiser asked once a step
     * @param m 0 … {@link #last}, such as {@link #at} gives
     * @param inversion where a step asks the network
     */
    default Tensor invert(Denoiser denoiser, Tensor x0, int m, DdimSampler.Inversion inversion) {
        return invert(denoiser, x0, new int[] {m}, inversion).getFirst();
    }

    /**
     * The latents of an image at several levels, by one way up: each step is done once.
     *
     * @param levels ascending
     * @throws IllegalArgumentException if they do not ascend
     */
    List<Tensor> invert(Denoiser denoiser, Tensor x0, int[] levels, DdimSampler.Inversion inversion);

    /**
     * F_dec: the images, or latents of an autoencoder, [B, C, H, W] of latents of this shape.
     *
     * @param denoiser asked once a step
     * @param m the level of the latents, 0 … {@link #last}
     */
    default Tensor sample(Denoiser denoiser, Tensor latent, int m) {
        return sample(denoiser, latent, m, (level, x) -> {});
    }

    /**
     * As {@link #sample(Denoiser, Tensor, int)}; {@code visitor} sees the latent at each level from m to 0, before the step down from there, and must
     * not keep it.
     */
    Tensor sample(Denoiser denoiser, Tensor latent, int m, BiConsumer<Integer, Tensor> visitor);

    /** The latents at level {@code to} of those at level {@code m}, which is not below it: the first steps of {@link #sample}. */
    Tensor descend(Denoiser denoiser, Tensor latent, int m, int to);
}
