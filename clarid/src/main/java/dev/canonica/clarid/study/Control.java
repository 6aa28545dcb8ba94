package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalPipeline;
import dev.canonica.models.Condition;
import dev.canonica.models.diffusion.GuidedDenoiser;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * A simpler way to change an image by way of its latent, with one parameter: what a canonical sample has to be compared with, at equal
 * change of the image.
 */
enum Control {
    /** x̃ = γ x. */
    SHRUNK("shrunk latent", 1, 0.96, 0.9, 0.8, 0.65, 0.45) {
        @Override
        Tensor decode(CanonicalPipeline e, Tensor latent, Condition c, double[] parameter, int from, long seed) {
            return e.decode(latent.times(perSample(parameter, latent)), c);
        }

        @Override
        String label(double p) {
            return String.format(Locale.ROOT, "γ = %.2f", p);
        }
    },

    /** x̃ = x − α ‖x‖ u for a random direction u. */
    RANDOM("random direction", 0, 0.07, 0.15, 0.3, 0.5, 0.9) {
        @Override
        Tensor decode(CanonicalPipeline e, Tensor latent, Condition c, double[] parameter, int from, long seed) {
            int last = from + parameter.length; // an image's noise is that of its number, in whatever batch it is
            Tensor noise = Tensor.normal(
                            latent.dtype(),
                            latent.shape().without(0).prepend(last),
                            new Philox(seed, 0).child(ordinal()))
                    .rows(from, last);
            double[] scale = new double[parameter.length];
            for (int b = 0; b < scale.length; b++) {
                scale[b] = -parameter[b] * latent.row(b).norm() / noise.row(b).norm();
            }
            return e.decode(noise.times(perSample(scale, latent)).plus(latent), c);
        }

        @Override
        String label(double p) {
            return String.format(Locale.ROOT, "α = %.2f", p);
        }
    },

    /** The same latent, decoded with guidance w. */
    GUIDANCE("guidance", 1, 2, 4, 7, 12) {
        @Override
        Tensor decode(CanonicalPipeline e, Tensor latent, Condition c, double[] parameter, int from, long seed) {
            GuidedDenoiser denoiser = new GuidedDenoiser(e.method().model(), c, parameter, Integer.MAX_VALUE);
            return e.method().sampler().sample(denoiser, latent, e.method().level());
        }

        @Override
        boolean suits(CanonicalPipeline e, Condition c) { // where all is guided, its w = 1 is no reconstruction
            return !e.guidance().isOn() && e.method().model().canDrop(c);
        }

        @Override
        String label(double p) {
            return String.format(Locale.ROOT, "w = %.1f", p);
        }
    };

    private final String title;
    private final double[] grid;

    Control(String title, double... grid) {
        this.title = title;
        this.grid = grid;
    }

    /** As in the report. */
    String title() {
        return title;
    }

    /** Parameters to try, from no change on. */
    double[] grid() {
        return grid.clone();
    }

    /**
     * The images for one parameter per sample.
     *
     * @param from the number of the first image in its set
     */
    abstract Tensor decode(CanonicalPipeline e, Tensor latent, Condition c, double[] parameter, int from, long seed);

    abstract String label(double parameter);

    /** Whether it can be compared with what a pipeline makes. */
    boolean suits(CanonicalPipeline e, Condition c) {
        return true;
    }

    /**
     * The parameter at which the change reaches {@code wanted}, by linear interpolation between the grid's; NaN if it does not get there.
     *
     * @param change of the image at each parameter of the grid
     */
    double parameterFor(double wanted, double[] change) {
        for (int j = 1; j < grid.length; j++) {
            if (change[j] >= wanted) {
                double span = change[j] - change[j - 1];
                double at = span > 0 ? Math.max(0, (wanted - change[j - 1]) / span) : 1;
                return grid[j - 1] + at * (grid[j] - grid[j - 1]);
            }
        }
        return Double.NaN;
    }

    private static Tensor perSample(double[] values, Tensor like) {
        int[] shape = new int[like.rank()];
        Arrays.fill(shape, 1);
        shape[0] = values.length;
        return Tensor.of(values, shape).to(like.dtype());
    }
}
