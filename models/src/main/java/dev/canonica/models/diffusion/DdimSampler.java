package dev.canonica.models.diffusion;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * DDIM with η = 0 (Song et al., 2021, equation 12), from noise to image and back: with {@link Prediction#step} from level to level,
 *
 * <pre>
 *   F_inv: x ← step(x, ᾱ_i → ᾱ_{i+1}) for i = 0 … m − 1          F_dec: x ← step(x, ᾱ_i → ᾱ_{i−1}) for i = m … 0
 * </pre>
 *
 * <p>These are CLARID's F_inv and F_dec (arXiv 2506.09955); ᾱ_{−1} is that of the image.
 *
 * @param levels the noise levels
 * @param prediction what the network predicts
 * @param clip x̂₀ is held within [−clip, clip], as {@code clip_sample} of diffusers does; ∞ for no clipping
 */
public record DdimSampler(Levels levels, Prediction prediction, double clip) implements Sampler {
    /** Where an inversion step asks the network. */
    public enum Inversion {
        /** At the current level, as guided-diffusion: level i → i + 1 with the network at (x, τ_i), the image being at level 0. */
        GUIDED,
        /** At the level that the step leads to, as diffusers' {@code DDIMInverseScheduler}, the image being clean. */
        DIFFUSERS
    }

    @Override
    public int steps() {
        return levels.count();
    }

    @Override
    public int last() {
        return levels.count() - 1;
    }

    @Override
    public double time(int level) {
        return levels.timestep(level);
    }

    @Override
    public String timeInWords(int level) {
        return "timestep " + levels.timestep(level);
    }

    @Override
    public String describe(int level) {
        return String.format(Locale.ROOT, "%s, ᾱ = %.4f", timeInWords(level), levels.alphaBar(level));
    }

    @Override
    public Map<String, Double> numbers(int level) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        numbers.put("time", time(level));
        numbers.put("ᾱ", levels.alphaBar(level));
        numbers.put("ᾱ below", levels.before(level));
        if (Double.isFinite(clip)) {
            numbers.put("clip", clip);
        }
        return numbers;
    }

    @Override
    public double signal(int level) {
        return levels.alphaBar(level);
    }

    @Override
    public Tensor noised(Tensor x0, Tensor noise, int level) {
        double alphaBar = levels.alphaBar(level);
        return x0.times(Math.sqrt(alphaBar)).accumulate(Math.sqrt(1 - alphaBar), noise);
    }

    @Override
    public Tensor clean(Tensor x, Tensor output, int level) {
        return prediction.clean(x, output, levels.alphaBar(level));
    }

    @Override
    public String method() {
        return "DDIM";
    }

    @Override
    public String predicted() {
        return prediction.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Tensor> invert(Denoiser denoiser, Tensor x0, int[] at, Inversion inversion) {
        return switch (inversion) {
            case GUIDED ->
                Ascent.of(
                        denoiser, x0, 0, at, i -> step(levels.timestep(i), levels.alphaBar(i), levels.alphaBar(i + 1)));
            case DIFFUSERS ->
                Ascent.of(
                        denoiser,
                        x0,
                        -1, // the image, below the first level
                        at,
                        i -> step(levels.timestep(i + 1), levels.before(i + 1), levels.alphaBar(i + 1)));
        };
    }

    @Override
    public Tensor sample(Denoiser denoiser, Tensor latent, int m, BiConsumer<Integer, Tensor> visitor) {
        return descend(denoiser, latent, m, -1, visitor);
    }

    /** The latent at level {@code to} of one at level {@code m}; −1 is the image. */
    @Override
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
            x = step(levels.timestep(i), levels.alphaBar(i), levels.before(i)).from(x, denoiser, latent);
        }
        return x;
    }

    /** A step, refused where what the network predicts does not determine it. */
    private Step step(int timestep, double from, double to) {
        String undetermined = prediction.undetermined(from, to);
        if (!undetermined.isEmpty()) {
            throw new ModelException("ddim: the step at timestep %d, from ᾱ = %s to %s, with prediction %s: %s"
                    .formatted(timestep, from, to, predicted(), undetermined));
        }
        return new DdimStep(prediction, clip, timestep, from, to);
    }

    /**
     * A step of DDIM.
     *
     * @param timestep at which the network is asked
     * @param from ᾱ of x
     * @param to ᾱ of the result
     */
    private record DdimStep(Prediction prediction, double clip, int timestep, double from, double to) implements Step {
        @Override
        public double time() {
            return timestep;
        }

        @Override
        public String timeInWords() {
            return "timestep " + timestep;
        }

        @Override
        public Tensor next(Denoiser denoiser, Tensor x) {
            return prediction.step(x, denoiser.predict(x, timestep), from, to, clip);
        }
    }
}
