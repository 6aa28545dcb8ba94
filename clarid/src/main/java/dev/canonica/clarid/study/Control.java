package dev.canonica.clarid.study;

import dev.canonica.clarid.CanonicalExtraction;
import dev.canonica.models.DenoisingModel;
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
        Tensor decode(CanonicalExtraction e, Tensor latent, long[] y, double[] parameter, long seed) {
            return e.decode(latent.times(perSample(parameter, latent)), y);
        }

        @Override
        String label(double p) {
            return String.format(Locale.ROOT, "γ = %.2f", p);
        }
    },

    /** x̃ = x − α ‖x‖ u for a random direction u. */
    RANDOM("random direction", 0, 0.07, 0.15, 0.3, 0.5, 0.9) {
        @Override
        Tensor decode(CanonicalExtraction e, Tensor latent, long[] y, double[] parameter, long seed) {
            Tensor noise = Tensor.normal(latent.dtype(), latent.shape(), new Philox(seed, 0).child(ordinal()));
            double[] scale = new double[parameter.length];
            for (int b = 0; b < scale.length; b++) {
                scale[b] = -parameter[b] * latent.row(b).norm() / noise.row(b).norm();
            }
            return e.decode(noise.times(perSample(scale, latent)).plus(latent), y);
        }

        @Override
        String label(double p) {
            return String.format(Locale.ROOT, "α = %.2f", p);
        }
    },

    /** The same latent, decoded with guidance w. */
    GUIDANCE("guidance", 1, 2, 4, 7, 12) {
        @Override
        Tensor decode(CanonicalExtraction e, Tensor latent, long[] y, double[] parameter, long seed) {
            GuidedDenoiser denoiser = new GuidedDenoiser(e.model(), y, parameter, Integer.MAX_VALUE);
            return e.sampler().sample(denoiser, latent, e.level());
        }

        @Override
        boolean suits(DenoisingModel model) {
            return model.nullClass().isPresent();
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

    /** The images for one parameter per sample. */
    abstract Tensor decode(CanonicalExtraction e, Tensor latent, long[] y, double[] parameter, long seed);

    abstract String label(double parameter);

    /** Whether a model can be asked for it. */
    boolean suits(DenoisingModel model) {
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
