package dev.canonica.models.diffusion;

import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.function.BiConsumer;

/**
 * DDIM with η = 0 (Song et al. 2021), from noise to image and back. CLARID's F_dec and F_inv.
 *
 * @param levels the noise levels
 * @param prediction what the network predicts
 * @param clip x̂₀ is held within [−clip, clip], as {@code clip_sample} of diffusers does; ∞ for no clipping
 */
public record DdimSampler(Levels levels, Prediction prediction, double clip) {
    /** Where an inversion step asks the network. */
    public enum Inversion {
        /** At the current level, as guided-diffusion: level i → i + 1 with the network at (x, τ_i), the image being at level 0. */
        GUIDED,
        /** At the level that the step leads to, as diffusers' {@code DDIMInverseScheduler}, the image being clean. */
        DIFFUSERS
    }

    /** The latent at level m of an image (or latent of one) x₀. */
    public Tensor invert(Denoiser denoiser, Tensor x0, int m, Inversion inversion) {
        Tensor x = x0;
        if (inversion == Inversion.GUIDED) {
            for (int i = 0; i < m; i++) {
                x = step(denoiser, x, levels.timestep(i), levels.alphaBar(i), levels.alphaBar(i + 1), x0);
            }
        } else {
            for (int i = 0; i <= m; i++) {
                x = step(denoiser, x, levels.timestep(i), levels.before(i), levels.alphaBar(i), x0);
            }
        }
        return x;
    }

    /** The image of a latent at level m. */
    public Tensor sample(Denoiser denoiser, Tensor latent, int m) {
        return sample(denoiser, latent, m, (level, x) -> {});
    }

    /**
     * As {@link #sample(Denoiser, Tensor, int)}; {@code visitor} sees each level with the latent before its step, which it must not
     * keep.
     */
    public Tensor sample(Denoiser denoiser, Tensor latent, int m, BiConsumer<Integer, Tensor> visitor) {
        return descend(denoiser, latent, m, -1, visitor);
    }

    /** The latent at level {@code to} of one at level {@code m}; −1 is the image. */
    public Tensor descend(Denoiser denoiser, Tensor latent, int m, int to) {
        return descend(denoiser, latent, m, to, (level, x) -> {});
    }

    private Tensor descend(Denoiser denoiser, Tensor latent, int m, int to, BiConsumer<Integer, Tensor> visitor) {
        if (to > m || to < -1) {
            throw new IllegalArgumentException("ddim: from level " + m + " no way down leads to level " + to);
        }
        Tensor x = latent;
        for (int i = m; i > to; i--) {
            visitor.accept(i, x);
            x = step(denoiser, x, levels.timestep(i), levels.alphaBar(i), levels.before(i), latent);
        }
        return x;
    }

    /**
     * A step of the network's at a timestep.
     *
     * @param from ᾱ of x
     * @param to ᾱ of the result
     */
    record Step(int timestep, double from, double to) {}

    /** x after a step. */
    Tensor next(Denoiser denoiser, Tensor x, Step step) {
        return prediction.step(x, denoiser.predict(x, step.timestep), step.from, step.to, clip);
    }

    private Tensor step(Denoiser denoiser, Tensor x, int timestep, double from, double to, Tensor first) {
        Tensor next;
        try (Scope scope = Scope.open()) {
            next = scope.keep(StepRecordings.step(this, denoiser, x, new Step(timestep, from, to)));
        }
        if (x != first) {
            x.close();
        }
        return next;
    }
}
