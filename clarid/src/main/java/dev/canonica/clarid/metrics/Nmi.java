package dev.canonica.clarid.metrics;

import org.apache.commons.math3.special.Gamma;

/**
 * Agreement of two labellings a and b of the same n items, such as clusters of features and classes. Labels are names:
 * any integers, gaps and negatives allowed.
 *
 * <p>With the mutual information I and the entropies H of the contingency table:
 *
 * <pre>
 *   nmi          = 2 I / (H_a + H_b)                              Kvålseth 1987
 *   nmiMin       = I / min(H_a, H_b),  nmiGeometric = I / √(H_a H_b)
 *   ami          = (I − E[I]) / ((H_a + H_b)/2 − E[I])            Vinh, Epps, Bailey 2010
 *   adjustedRand = (pairs − E[pairs]) / (max − E[pairs])          Hubert, Arabie 1985
 * </pre>
 *
 * <p>The first three are not adjusted for chance: many small clusters agree with anything. The last two are 0 on
 * average for labellings that have nothing to do with each other. All are 1 for the same partition, in particular for
 * one cluster against one cluster and for no items at all; one cluster against many gives 0.
 */
public final class Nmi {
    private Nmi() {}

    /** Normalised by the arithmetic mean of the entropies, as scikit-learn's {@code normalized_mutual_info_score}. */
    public static double nmi(int[] a, int[] b) {
        Contingency table = new Contingency(a, b);
        return normalised(table, (table.entropy(table.rowSums) + table.entropy(table.columnSums)) / 2);
    }

    /** Normalised by the smaller entropy, for diagnosis: 1 where one labelling refines the other. */
    public static double nmiMin(int[] a, int[] b) {
        Contingency table = new Contingency(a, b);
        return normalised(table, Math.min(table.entropy(table.rowSums), table.entropy(table.columnSums)));
    }

    /** Normalised by the geometric mean of the entropies, for diagnosis. */
    public static double nmiGeometric(int[] a, int[] b) {
        Contingency table = new Contingency(a, b);
        return normalised(table, Math.sqrt(table.entropy(table.rowSums) * table.entropy(table.columnSums)));
    }

    private static double normalised(Contingency table, double normaliser) {
        if (table.samePartition()) {
            return 1;
        }
        return normaliser == 0 ? 0 : Math.min(1, table.mutualInformation() / normaliser);
    }

    /**
     * Adjusted mutual information: what is left of I above its mean under random labels with the same cluster sizes, as
     * a share of what could be left; with the arithmetic mean of the entropies, as scikit-learn's {@code
     * adjusted_mutual_info_score}. May be negative.
     */
    public static double ami(int[] a, int[] b) {
        Contingency table = new Contingency(a, b);
        if (table.samePartition()) {
            return 1;
        }
        // Where the mean of the entropies is E[I], both labellings are single clusters or all singletons: the same
        // partition.
        double expected = expectedMutualInformation(table);
        double most = (table.entropy(table.rowSums) + table.entropy(table.columnSums)) / 2;
        return (table.mutualInformation() - expected) / (most - expected);
    }

    /** The mean, over all permutations of the labels b, of the mutual information of a and b, in nats. */
    public static double expectedMutualInformation(int[] a, int[] b) {
        return expectedMutualInformation(new Contingency(a, b));
    }

    /**
     * Vinh, Epps and Bailey 2010 (JMLR 11). The table's entry m of a row of sum a and a column of sum b is
     * hypergeometric,
     *
     * <pre>
     *   E[I] = Σ_ij Σ_m  m/n ln(n m / (a_i b_j)) p(m; a_i, b_j),    m = max(1, a_i + b_j − n) … min(a_i, b_j)
     *   p(m; a, b) = a! b! (n−a)! (n−b)! / (n! m! (a−m)! (b−m)! (n−a−b+m)!)
     * </pre>
     */
    private static double expectedMutualInformation(Contingency table) {
        int n = table.n;
        double[] logFactorial = new double[n + 1];
        for (int i = 2; i <= n; i++) {
            logFactorial[i] = Gamma.logGamma(i + 1.0);
        }
        double sum = 0;
        for (int a : table.rowSums) {
            for (int b : table.columnSums) {
                double fixed =
                        logFactorial[a] + logFactorial[b] + logFactorial[n - a] + logFactorial[n - b] - logFactorial[n];
                for (int m = Math.max(1, a + b - n); m <= Math.min(a, b); m++) {
                    double logP = fixed
                            - logFactorial[m]
                            - logFactorial[a - m]
                            - logFactorial[b - m]
                            - logFactorial[n - a - b + m];
                    sum += m * Math.log((double) n * m / ((double) a * b)) * Math.exp(logP);
                }
            }
        }
        return n == 0 ? 0 : sum / n;
    }

    /** The Rand index, the share of pairs of items on which a and b agree (together or apart), adjusted for chance. */
    public static double adjustedRand(int[] a, int[] b) {
        Contingency table = new Contingency(a, b);
        if (table.samePartition()) {
            return 1;
        }
        double together = pairs(table.counts);
        double inA = pairs(table.rowSums);
        double inB = pairs(table.columnSums);
        double expected = inA * inB / pairs(table.n);
        return (together - expected) / ((inA + inB) / 2 - expected);
    }

    private static double pairs(int... counts) {
        double sum = 0;
        for (int count : counts) {
            sum += count * (count - 1.0) / 2;
        }
        return sum;
    }
}
