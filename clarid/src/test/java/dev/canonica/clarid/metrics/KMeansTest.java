package dev.canonica.clarid.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Session;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KMeansTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 15})
    void findsClustersFarApart(int k) {
        double[][] x = Matrices.blobs(127, 17, k, 0.5, 1);
        int[] truth = new int[127];
        Arrays.setAll(truth, i -> i % k);
        KMeans found = KMeans.best(x, k, 10, new Philox(5));
        assertThat(Nmi.nmi(truth, found.labels())).isEqualTo(1);
        assertThat(found.inertia()).isCloseTo(127 * 17 * 0.25, within(0.15 * 127 * 17 * 0.25));
    }

    @Test
    void endsWhereNothingMoves() {
        double[][] x = Matrices.normal(65, 3, 2);
        KMeans found = KMeans.best(x, 6, 3, new Philox(1));
        double inertia = 0;
        double[][] sums = new double[6][3];
        int[] sizes = new int[6];
        for (int i = 0; i < 65; i++) {
            double[] row = x[i];
            double[] distances = Arrays.stream(found.centres())
                    .mapToDouble(centre -> Math.pow(row[0] - centre[0], 2)
                            + Math.pow(row[1] - centre[1], 2)
                            + Math.pow(row[2] - centre[2], 2))
                    .toArray();
            double smallest = Arrays.stream(distances).min().orElseThrow();
            assertThat(distances[found.labels()[i]]).isEqualTo(smallest, within(1e-12));
            inertia += smallest;
            Rows.addScaled(sums[found.labels()[i]], 1, row);
            sizes[found.labels()[i]]++;
        }
        assertThat(found.inertia()).isCloseTo(inertia, within(1e-10));
        for (int c = 0; c < 6; c++) {
            for (int j = 0; j < 3; j++) {
                assertThat(found.centres()[c][j]).isCloseTo(sums[c][j] / sizes[c], within(1e-12));
            }
        }
        assertThat(found.history()).hasSize(found.iterations() + 1).isSortedAccordingTo((p, q) -> Double.compare(q, p));
        assertThat(found.history()[found.iterations()]).isEqualTo(found.inertia());
    }

    @Test
    void emptyClusterTakesTheFarthestVector() {
        double[][] x = {{0}, {1}, {2}, {50}};
        KMeans found = KMeans.lloyd(x, new double[][] {{1}, {1000}});
        assertThat(found.labels()).containsExactly(0, 0, 0, 1);
        assertThat(found.centres()).isDeepEqualTo(new double[][] {{1}, {50}});
        assertThat(found.inertia()).isEqualTo(2);
    }

    @Test
    void fewerDistinctVectorsThanClusters() {
        double[][] x = {{1, 2}, {1, 2}, {1, 2}, {4, 4}, {4, 4}};
        KMeans found = KMeans.best(x, 4, 2, new Philox(1));
        assertThat(found.inertia()).isZero();
        assertThat(Nmi.nmi(found.labels(), new int[] {0, 0, 0, 1, 1})).isEqualTo(1);
        for (double[] centre : found.centres()) {
            assertThat(centre).isIn(x[0], x[3]);
        }
        assertThat(KMeans.best(x, 5, 1, new Philox(1)).inertia()).isZero();
    }

    @Test
    void sameSeedSameResultOnAnyNumberOfThreads() {
        double[][] x = Matrices.normal(129, 5, 3);
        KMeans one = Session.current().withThreads(1).call(() -> KMeans.best(x, 9, 7, new Philox(11)));
        KMeans three = Session.current().withThreads(3).call(() -> KMeans.best(x, 9, 7, new Philox(11)));
        assertThat(three.labels()).containsExactly(one.labels());
        assertThat(three.centres()).isDeepEqualTo(one.centres());
        assertThat(KMeans.best(x, 9, 1, new Philox(12)).inertia())
                .isNotEqualTo(KMeans.best(x, 9, 1, new Philox(11)).inertia());
    }

    @Test
    void refusalsNameWhatDiffers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KMeans.best(new double[3][2], 4, 1, new Philox(1)))
                .withMessage("kmeans: 4 clusters of 3 vectors");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KMeans.lloyd(new double[3][2], new double[1][5]))
                .withMessage("kmeans: vectors have 2 values, centres 5");
    }
}
