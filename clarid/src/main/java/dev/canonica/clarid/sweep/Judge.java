package dev.canonica.clarid.sweep;

import dev.canonica.clarid.metrics.Pixels;
import java.util.Arrays;
import java.util.List;

/** Class evidence: what a classifier, which knows nothing of the diffusion model, says of images. */
@FunctionalInterface
public interface Judge {
    /** Nobody is asked: NaN. */
    Judge NONE = (images, indices) -> {
        double[][] none = new double[images.size()][2];
        for (double[] row : none) {
            Arrays.fill(row, Double.NaN);
        }
        return none;
    };

    /**
     * The log-probability of each image's class, and 1 where no other class has a greater one, else 0 [B][2]. An image's answer does not depend on the
     * others.
     *
     * @param images in [−1, 1]
     * @param indices of the originals in their set, whose classes are asked for
     */
    double[][] of(List<Pixels> images, List<Integer> indices);
}
