package dev.canonica.clarid.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.stat.correlation.Covariance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PcaTest {
    /** Vectors whose variances fall as 1/k², in a random frame, away from 0. */
    private static double[][] decaying(int n, int d) {
        double[][] frame = Rows.orthonormal(Matrices.normal(d, d, 1));
        double[][] coordinates = Matrices.normal(n, d, 2);
        double[][] x = new double[n][d];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < d; k++) {
                Rows.addScaled(x[i], coordinates[i][k] / (k + 1), frame[k]);
                x[i][k] += 100;
            }
        }
        return x;
    }

    @ParameterizedTest
    @CsvSource({"65, 17, 5", "65, 17, 17", "33, 129, 7", "130, 65, 3", "31, 31, 40", "3, 7, 1"})
    void sameAsTheEigenvectorsOfTheCovariance(int n, int width, int d) {
        double[][] x = decaying(n, width);
        Pca pca = Pca.fit(x, d);
        RealMatrix covariance = new Covariance(x).getCovarianceMatrix();
        EigenDecomposition eigen = new EigenDecomposition(covariance);
        int rank = Math.min(Math.min(n - 1, width), d);
        assertThat(pca.components().length).isEqualTo(rank);
        for (int i = 0; i < rank; i++) {
            double expected = eigen.getRealEigenvalue(i);
            assertThat(pca.variances()[i]).isCloseTo(expected, within(1e-6 * expected));
            double cosine = eigen.getEigenvector(i).dotProduct(MatrixUtils.createRealVector(pca.components()[i]));
            assertThat(Math.abs(cosine)).isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void projectionIsCentredAndUncorrelated() {
        double[][] x = decaying(65, 33);
        Pca pca = Pca.fit(x, 6);
        double[][] projected = pca.project(x);
        RealMatrix covariance = new Covariance(projected).getCovarianceMatrix();
        assertThat(Rows.mean(projected)).containsExactly(new double[6], within(1e-12));
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 6; j++) {
                assertThat(covariance.getEntry(i, j)).isCloseTo(i == j ? pca.variances()[i] : 0, within(1e-6));
            }
        }
    }

    @Test
    void fewerDirectionsThanAskedFor() {
        double[][] line = {{1, 1, 5}, {2, 2, 5}, {4, 4, 5}, {8, 8, 5}};
        Pca pca = Pca.fit(line, 3);
        assertThat(pca.components()).hasNumberOfRows(1);
        assertThat(Math.abs(pca.components()[0][0])).isCloseTo(Math.sqrt(0.5), within(1e-12));
        assertThat(Pca.fit(new double[][] {{1, 2}, {1, 2}}, 2).project(line(2))).isDeepEqualTo(new double[3][0]);
        double[][] same = {{0.1, 0.7}, {0.1, 0.7}, {0.1, 0.7}, {0.1, 0.7}, {0.1, 0.7}, {0.1, 0.7}};
        assertThat(Pca.fit(same, 2).components()).isEmpty();
        assertThat(Pca.fit(new double[][] {{1, 2}}, 2).components()).isEmpty();
    }

    private static double[][] line(int width) {
        return new double[3][width];
    }

    @Test
    void refusalsNameWhatDiffers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pca.fit(new double[0][], 2))
                .withMessage("pca: 2 components of 0 vectors");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Pca.fit(decaying(5, 3), 2).project(line(4)))
                .withMessage("pca: vectors have 4 values, not 3");
    }
}
