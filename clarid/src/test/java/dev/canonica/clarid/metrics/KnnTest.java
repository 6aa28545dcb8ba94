package dev.canonica.clarid.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KnnTest {
    private static final double[][] BANK = {{1, 0}, {2, 0}, {0, 3}, {0, 1}, {0, 0}};

    @Test
    void nearestFirstAndEquallyNearInOrder() {
        int[][] neighbours = Knn.of(BANK, new int[5], 3).neighbours(new double[][] {{5, 1}, {0, 2}, {0, 0}});
        assertThat(neighbours[0]).containsExactly(0, 1, 2);
        assertThat(neighbours[1]).containsExactly(2, 3, 0);
        assertThat(neighbours[2]).containsExactly(0, 1, 2);
    }

    @Test
    void tiedVotesGoToTheSmallestLabelUnlessWeighted() {
        int[] labels = {9, 9, -4, -4, 0};
        Knn knn = Knn.of(BANK, labels, 4);
        double[][] query = {{3, 1}};
        assertThat(knn.predict(query)).containsExactly(-4);
        assertThat(knn.predictWeighted(query, Knn.TEMPERATURE)).containsExactly(9);
        for (double cold : new double[] {1e-3, 1e-6, 1e-300}) {
            assertThat(knn.predictWeighted(query, cold)).containsExactly(9);
        }
    }

    @Test
    void leaveOneOutDoesNotSeeTheRowItself() {
        double[][] pairs = {{1, 0}, {1, 0.01}, {0, 1}, {0.01, 1}};
        assertThat(Knn.of(pairs, new int[] {1, 2, 3, 4}, 1).predictLeaveOneOut())
                .containsExactly(2, 1, 4, 3);
    }

    @Test
    void fewerRowsThanNeighboursAreAllNeighbours() {
        Knn knn = Knn.of(BANK, new int[] {1, 1, 1, 2, 2}, 20);
        assertThat(knn.neighbours(new double[][] {{1, 1}})[0]).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        assertThat(knn.predict(BANK)).containsOnly(1);
        // Without itself, each of the three has two of its own against two others: the smaller label.
        assertThat(knn.predictLeaveOneOut()).containsExactly(1, 1, 1, 1, 1);
    }

    @Test
    void sameAsSortingAllCosines() {
        double[][] bank = Matrices.normal(65, 17, 1);
        double[][] queries = Matrices.normal(33, 17, 2);
        int[][] neighbours = Knn.of(bank, new int[65], 7).neighbours(queries);
        for (int q = 0; q < 33; q++) {
            double[] query = queries[q];
            Integer[] sorted = IntStream.range(0, 65)
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -cosine(query, bank[i])))
                    .limit(7)
                    .toArray(Integer[]::new);
            assertThat(neighbours[q]).containsExactly(sorted);
        }
    }

    private static double cosine(double[] x, double[] y) {
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int j = 0; j < x.length; j++) {
            xy += x[j] * y[j];
            xx += x[j] * x[j];
            yy += y[j] * y[j];
        }
        return xy / Math.sqrt(xx * yy);
    }

    @Test
    void refusalsNameWhatDiffers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Knn.of(BANK, new int[4], 20))
                .withMessage("knn: 5 rows have 4 labels");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Knn.of(new double[0][], new int[0], 20))
                .withMessage("knn: the bank is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Knn.of(BANK, new int[5], 1).predict(new double[][] {{1, 2, 3}}))
                .withMessage("knn: queries have 3 features, the bank 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Knn.of(new double[][] {{1}, {Double.NaN}}, new int[2], 1))
                .withMessage("knn: a value of row 1 is NaN");
    }
}
