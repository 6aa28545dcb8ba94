package dev.canonica.clarid.study;

import dev.canonica.clarid.metrics.KMeans;
import dev.canonica.clarid.metrics.Knn;
import dev.canonica.clarid.metrics.Pca;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;

/**
 * The features of some images as measures of quality take them: all tokens after PCA to 50 components, and clusters of these by k-means, the best of ten
 * beginnings.
 *
 * @param components [N][at most 50]
 * @param clusters [N], as many as there are classes
 */
public record FeatureClusters(double[][] components, int[] clusters) {
    /** Components that are kept. */
    static final int COMPONENTS = 50;

    private static final int RESTARTS = 10;

    /**
     * Of features.
     *
     * @param x rows [N][…], at least two
     * @param classes how many clusters
     */
    public static FeatureClusters of(double[][] x, int classes, long seed) {
        double[][] z = Pca.fit(x, Math.min(COMPONENTS, Math.min(x.length - 1, x[0].length)))
                .project(x);
        if (z[0].length == 0) { // all features are the same: one cluster
            return new FeatureClusters(new double[x.length][1], new int[x.length]);
        }
        return new FeatureClusters(
                z, KMeans.best(z, classes, RESTARTS, new Philox(seed, 0)).labels());
    }

    /** The class of each image by its nearest neighbours among the others. */
    public int[] nearest(int[] labels) {
        return Knn.of(components, labels, Math.min(Knn.NEIGHBOURS, components.length - 1))
                .predictLeaveOneOut();
    }

    @Override
    public String toString() {
        return RecordText.of(MethodHandles.lookup(), this);
    }
}
