package dev.canonica.clarid.metrics;

import dev.canonica.tensor.RecordText;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * The k nearest neighbours by the cosine ⟨x, q⟩ / (‖x‖ ‖q‖) in a bank of labelled feature vectors, as used to judge
 * features without training (Wu, Xiong, Yu, Lin 2018, arXiv 1805.01978, with k = 20 here).
 *
 * <p>Equally near rows are taken in their order in the bank, and a tie of votes goes to the smallest label. A row of
 * zeros is at cosine 0 from everything. If there are fewer than k rows, all are neighbours.
 */
public final class Knn {
    /** The number of neighbours unless another is given. */
    public static final int NEIGHBOURS = 20;

    /** The temperature τ of votes weighted by exp(cos/τ), as in Wu et al., 2018. */
    public static final double TEMPERATURE = 0.07;

    private final double[][] units; // [n, d]: rows of length 1
    private final double[][] columns; // [d, n]: the same, so that one query meets all rows in one loop
    private final Labels labels;
    private final int k;

    private Knn(double[][] units, Labels labels, int k) {
        this.units = units;
        this.columns = Rows.transpose(units);
        this.labels = labels;
        this.k = k;
    }

    /**
     * A bank of feature vectors.
     *
     * @param x [n, d], n ≥ 1
     * @param y [n], any integers
     * @param k the number of neighbours, at least 1
     */
    public static Knn of(double[][] x, int[] y, int k) {
        Rows.check("knn", x);
        if (x.length == 0) {
            throw new IllegalArgumentException("knn: the bank is empty");
        }
        if (x.length != y.length) {
            throw new IllegalArgumentException("knn: " + x.length + " rows have " + y.length + " labels");
        }
        if (k < 1) {
            throw new IllegalArgumentException("knn: at least 1 neighbour is needed, not " + k);
        }
        return new Knn(units(x), Labels.of(y), k);
    }

    /** The rows nearest to each query, the nearest first: [m, d] to [m, min(k, n)]. */
    public int[][] neighbours(double[][] queries) {
        return Arrays.stream(unitQueries(queries)).map(q -> nearest(q, -1).rows).toArray(int[][]::new);
    }

    /** The label of each query by a vote of its neighbours: [m, d] to [m]. */
    public int[] predict(double[][] queries) {
        return Arrays.stream(unitQueries(queries))
                .mapToInt(q -> vote(nearest(q, -1), _ -> 1))
                .toArray();
    }

    /**
     * The label of each query by a vote of its neighbours in which one at cosine c has exp(c/τ) votes: [m, d] to [m].
     */
    public int[] predictWeighted(double[][] queries, double temperature) {
        return Arrays.stream(unitQueries(queries))
                .mapToInt(q -> {
                    Neighbours near = nearest(q, -1);
                    // beside the nearest one's, or small temperatures overflow
                    return vote(near, cosine -> Math.exp((cosine - near.cosines[0]) / temperature));
                })
                .toArray();
    }

    /** The label of each row of the bank by a vote of its neighbours, the row itself left out: [n]. */
    public int[] predictLeaveOneOut() {
        if (units.length < 2) {
            throw new IllegalArgumentException("knn: leave-one-out needs a bank of at least 2 rows");
        }
        int[] predicted = new int[units.length];
        Arrays.setAll(predicted, i -> vote(nearest(units[i], i), _ -> 1));
        return predicted;
    }

    /** The share of the predictions that are right. */
    public static double accuracy(int[] predicted, int[] truth) {
        if (predicted.length != truth.length || truth.length == 0) {
            throw new IllegalArgumentException(
                    "accuracy: " + predicted.length + " predictions for " + truth.length + " labels");
        }
        int right = 0;
        for (int i = 0; i < truth.length; i++) {
            right += predicted[i] == truth[i] ? 1 : 0;
        }
        return (double) right / truth.length;
    }

    private double[][] unitQueries(double[][] queries) {
        Rows.check("knn", queries);
        if (queries.length > 0 && queries[0].length != columns.length) {
            throw new IllegalArgumentException(
                    "knn: queries have " + queries[0].length + " features, the bank " + columns.length);
        }
        return units(queries);
    }

    private static double[][] units(double[][] x) {
        return Arrays.stream(x).map(Knn::unit).toArray(double[][]::new);
    }

    private static double[] unit(double[] row) {
        double norm = Rows.norm(row);
        double[] unit = new double[row.length];
        Arrays.setAll(unit, j -> norm == 0 ? 0 : row[j] / norm);
        return unit;
    }

    /** Rows of the bank and their cosines, the nearest first. */
    private record Neighbours(int[] rows, double[] cosines) {
        /** Shapes in the place of arrays. */
        @Override
        public String toString() {
            return RecordText.of(MethodHandles.lookup(), this);
        }
    }

    private Neighbours nearest(double[] query, int leftOut) {
        double[] cosines = new double[units.length];
        for (int j = 0; j < query.length; j++) {
            Rows.addScaled(cosines, query[j], columns[j]);
        }
        int[] rows = new int[Math.min(k, units.length - (leftOut < 0 ? 0 : 1))];
        int filled = 0;
        for (int i = 0; i < cosines.length; i++) {
            boolean full = filled == rows.length;
            if (i == leftOut || (full && cosines[i] <= cosines[rows[filled - 1]])) {
                continue;
            }
            int place = full ? filled - 1 : filled++;
            for (; place > 0 && cosines[rows[place - 1]] < cosines[i]; place--) {
                rows[place] = rows[place - 1];
            }
            rows[place] = i;
        }
        return new Neighbours(
                rows, Arrays.stream(rows).mapToDouble(i -> cosines[i]).toArray());
    }

    private int vote(Neighbours neighbours, DoubleUnaryOperator weight) {
        double[] votes = new double[labels.count()];
        for (int i = 0; i < neighbours.rows.length; i++) {
            votes[labels.ids()[neighbours.rows[i]]] += weight.applyAsDouble(neighbours.cosines[i]);
        }
        int most = 0;
        for (int label = 1; label < votes.length; label++) {
            if (votes[label] > votes[most]) {
                most = label;
            }
        }
        return (int) labels.names()[most];
    }
}
