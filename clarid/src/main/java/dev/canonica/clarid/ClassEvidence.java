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
            Tensor v = DirectionBlocks.pack(
                    latent.shape().without(0),
                    latent.dtype(),
                    triples.stream().map(RandomizedSvd.Triples::v).toList());
            Tensor difference = extraction
                    .linearize(latent, c)
                    .push(v)
                    .minus(extraction.linearize(latent, c.dropped()).push(v));
            for (int i = 0; i < n; i++) {
                for (int b = 0; b < c.size(); b++) {
                    double sigma = triples.get(b).sigma()[i];
                    evidence[b][i] = sigma > 0 ? difference.row(i).row(b).norm() / sigma : 0;
                }
            }
        }
        return evidence;
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
