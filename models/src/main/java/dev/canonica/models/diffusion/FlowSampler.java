package dev.canonica.models.diffusion;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * The ordinary differential equation of a flow, dx/dt = v(x, t) (Lipman et al., 2023; SiT: Ma et al., 2024, equation 3), from noise at t = 0 to data at t = 1
 * and back, by Euler's method: levels i = 0 … S at t_i = 1 − i/S, level 0 being the data,
 *
 * <pre>
 *   invert   x ← x − v(x, t_i) / S, from level i to i + 1          sample   x ← x + v(x, t_i) / S, from level i to i − 1
 * </pre>
 *
 * @param steps S, at least 1
 */
public record FlowSampler(int steps) implements Sampler {
    /** What the network predicts, as the command line names it. */
    public static final String VELOCITY = "velocity";

    /** Checks that there is a step. */
    public FlowSampler {
        if (steps < 1) {
            throw new ModelException("steps: " + steps + "; at least 1 is needed");
        }
    }

    /** Level S, where all is noise. */
    @Override
    public int last() {
        return steps;
    }

    @Override
    public double time(int level) {
        return 1 - level / (double) steps;
    }

    @Override
    public String timeInWords(int level) {
        return inWords(time(level));
    }

    private static String inWords(double time) {
        return String.format(Locale.ROOT, "t = %.4f", time);
    }

    @Override
    public String describe(int level) {
        return timeInWords(level);
    }

    @Override
    public double signal(int level) {
        double t = time(level);
        return t * t / (t * t + (1 - t) * (1 - t));
    }

    /** t x₀ + (1 − t) ε. */
    @Override
    public Tensor noised(Tensor x0, Tensor noise, int level) {
        return x0.times(time(level)).accumulate(1 - time(level), noise);
    }

    /** x + (1 − t) v, for v = x₀ − ε. */
    @Override
    public Tensor clean(Tensor x, Tensor output, int level) {
        return x.times(1).accumulate(1 - time(level), output);
    }

    @Override
    public String method() {
        return "Euler's method";
    }

    @Override
    public String predicted() {
        return VELOCITY;
    }

    /**
     * {@inheritDoc}
     *
     * @param inversion the velocity is taken where a step begins: {@code GUIDED}
     */
    @Override
    public List<Tensor> invert(Denoiser denoiser, Tensor x0, int[] levels, DdimSampler.Inversion inversion) {
        if (inversion != DdimSampler.Inversion.GUIDED) {
            throw new ModelException(
                    "inversion: a flow is asked for its velocity where a step begins, which is 'guided'");
        }
        return Ascent.of(denoiser, x0, 0, levels, i -> new EulerStep(time(i), -1.0 / steps));
    }

    @Override
    public Tensor sample(Denoiser denoiser, Tensor latent, int m, BiConsumer<Integer, Tensor> visitor) {
        Tensor x = descend(denoiser, latent, m, 0, visitor);
        visitor.accept(0, x);
        return x;
    }

    /** The latent at level {@code to} of one at level {@code m}; 0 is the data. */
    @Override
    public Tensor descend(Denoiser denoiser, Tensor latent, int m, int to) {
        return descend(denoiser, latent, m, to, (level, x) -> {});
    }

    private Tensor descend(Denoiser denoiser, Tensor latent, int m, int to, BiConsumer<Integer, Tensor> visitor) {
        if (to > m || to < 0) {
            throw new IllegalArgumentException("flow: from level " + m + " no way down leads to level " + to);
        }
        Tensor x = latent;
        for (int i = m; i > to; i--) {
            visitor.accept(i, x);
            x = new EulerStep(time(i), 1.0 / steps).from(x, denoiser, latent);
        }
        return x;
    }

    /**
     * x + width · v(x, time).
     *
     * @param width of the step, negative towards the noise
     */
    private record EulerStep(double time, double width) implements Step {
        @Override
        public String timeInWords() {
            return inWords(time);
        }

        @Override
        public Tensor next(Denoiser denoiser, Tensor x) {
            return x.times(1).accumulate(width, denoiser.predict(x, time));
        }
    }
}
