package dev.canonica.clarid.study;

import dev.canonica.tensor.Tensor;

/** Another way to change an image by way of its latent, with one parameter: what a canonical sample is compared with at equal change of the image. */
interface Rival {
    /** As in the report. */
    String title();

    /** Parameters to try, from no change on. */
    double[] grid();

    /** The images for one parameter per sample, as samples of the model. */
    Tensor decode(Control.Latents of, double... parameter);

    /** How often at most a parameter is tried anew where the change is not within {@link EqualChange#TOLERANCE}: not at all where the grid is fine. */
    default int refinements() {
        return 0;
    }

    /** This one for a batch of these samples alone. */
    default Rival rows(int from, int to) {
        return this;
    }

    /** The parameter, short. */
    String label(double parameter);

    /**
     * The parameter at which the change reaches {@code wanted}, by linear interpolation between the grid's; NaN if it does not get there.
     *
     * @param change of the image at each parameter of the grid
     */
    default double parameterFor(double wanted, double[] change) {
        double[] grid = grid();
        for (int j = 1; j < grid.length; j++) {
            if (change[j] >= wanted) {
                double span = change[j] - change[j - 1];
                double at = span > 0 ? Math.max(0, (wanted - change[j - 1]) / span) : 1;
                return grid[j - 1] + at * (grid[j] - grid[j - 1]);
            }
        }
        return Double.NaN;
    }
}
