package dev.canonica.clarid;

import dev.canonica.models.Condition;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much of the class each direction carries: how differently the features answer to it under the class and under none,
 *
 * <pre>
 *   e_i = ‖(J_c − J_∅) v_i‖ / σ_i          J_c, J_∅: Jacobians of the layer's features at the latent, under the class and under the null class
 * </pre>
 *
 * <p>0 for a direction of σ_i = 0. An estimate of our own: the paper (arXiv 2506.09955) leaves the choice of directions one by one open.
 */
public final class ClassEvidence {
    private ClassEvidence() {}

    /**
     * The evidence of every sample's directions.
     *
     * @param latent [B, C, H, W]
     * @param c conditions [B]
     * @param triples B of them, each of n directions
     * @return [B][n]
     * @throws dev.canonica.models.ModelException if nothing stands for no condition
     */
    public static double[][] of(
            CanonicalExtraction extraction, Tensor latent, Condition c, List<RandomizedSvd.Triples> triples) {
        int n = triples.getFirst().sigma().length;
        double[][] evidence = new double[c.size()][n];
        try (Scope scope = Scope.open()) {
            Tensor difference = differences(extraction, latent, c, triples);
            for (int i = 0; i < n; i++) {
                for (int b = 0; b < c.size(); b++) {
                    double sigma = triples.get(b).sigma()[i];
                    evidence[b][i] = sigma > 0 ? difference.row(i).row(b).norm() / sigma : 0;
                }
            }
        }
        return evidence;
    }

    /** (J_c − J_∅) v_i [n, B, …]. */
    private static Tensor differences(
            CanonicalExtraction extraction, Tensor latent, Condition c, List<RandomizedSvd.Triples> triples) {
        Tensor v = DirectionBlocks.pack(
                latent.shape().without(0),
                latent.dtype(),
                triples.stream().map(RandomizedSvd.Triples::v).toList());
        return extraction
                .linearize(latent, c)
                .push(v)
                .minus(extraction.linearize(latent, c.dropped()).push(v));
    }

    /**
     * The directions in the order in which they are removed one after another: the next is that with which what is removed of the image, P_S x = Σ_{i ∈ S} v_i v_iᵀ x, carries least of the
     * class,
     *
     * <pre>
     *   next = argmin_i ‖(J_c − J_∅) P_{S ∪ {i}} x‖ / ‖J_c P_{S ∪ {i}} x‖
     * </pre>
     *
     * <p>Unlike {@link #of} it knows how much there is of a direction in this image, and that what several directions carry may cancel out. Directions of which nothing is left to remove come last.
     *
     * @return [B][n]
     * @throws dev.canonica.models.ModelException if nothing stands for no condition
     */
    public static int[][] greedy(
            CanonicalExtraction extraction, Tensor latent, Condition c, List<RandomizedSvd.Triples> triples) {
        int n = triples.getFirst().sigma().length;
        int[][] order = new int[c.size()][];
        try (Scope scope = Scope.open()) {
            List<double[][]> images = DirectionBlocks.unpack(
                    differences(extraction, latent, c, triples).reshape(n, c.size(), -1));
            for (int b = 0; b < order.length; b++) {
                double[] x = latent.row(b).toDoubles();
                RandomizedSvd.Triples t = triples.get(b);
                double[][] parts = images.get(b);
                double[] strengths = new double[n]; // (σ_i v_iᵀ x)², which add up, for J v_i are orthogonal
                for (int i = 0; i < n; i++) {
                    double there = Vectors.dot(t.v()[i], x);
                    Vectors.scale(there, parts[i]);
                    strengths[i] = t.sigma()[i] * there * t.sigma()[i] * there;
                }
                order[b] = greedy(parts, strengths);
            }
        }
        return order;
    }

    /** The order in which ‖Σ parts‖² / Σ strengths stays least. */
    static int[] greedy(double[][] parts, double[] strengths) {
        int n = strengths.length;
        int[] order = new int[n];
        double[] sum = new double[parts[0].length];
        double strength = 0;
        boolean[] taken = new boolean[n];
        for (int place = 0; place < n; place++) {
            int best = -1;
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < n; i++) {
                if (taken[i]) {
                    continue;
                }
                double[] with = sum.clone();
                Vectors.axpy(1, parts[i], with);
                double all = strength + strengths[i];
                double ratio = strengths[i] > 0 ? Vectors.dot(with, with) / all : Double.POSITIVE_INFINITY;
                if (best < 0 || ratio < least) {
                    best = i;
                    least = ratio;
                }
            }
            order[place] = best;
            taken[best] = true;
            Vectors.axpy(1, parts[best], sum);
            strength += strengths[best];
        }
        return order;
    }

    /** The directions in order, that of least evidence first; of equal ones, that of the larger singular value. */
    static int[] leastFirst(double[] evidence) {
        return IntStream.range(0, evidence.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> evidence[i]))
                .mapToInt(i -> i)
                .toArray();
    }
}
