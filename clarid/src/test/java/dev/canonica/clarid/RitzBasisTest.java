package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** On diagonal matrices A, with vectors on the heap and in tensors. */
@ParameterizedClass
@ValueSource(booleans = {false, true})
class RitzBasisTest {
    private static final double[] A = {9, 4, 1, 0.25, 0};

    private final RitzBasis basis;

    RitzBasisTest(boolean inTensors) {
        basis = new RitzBasis(A.length, new Philox(5), rows(inTensors), rows(inTensors));
    }

    private static Rows rows(boolean inTensors) {
        return inTensors ? new DeviceRows(Device.cpu(), A.length) : new HostRows(A.length);
    }

    @Test
    void extensionIsOrthonormalWhateverTheCandidates() {
        double[][] first = basis.extension(new double[][] {{2, 0, 0, 0, 0}}, 1);
        assertThat(first[0]).containsExactly(1, 0, 0, 0, 0);
        add(first);
        double[][] candidates = {{3, 0, 0, 0, 0}, {1, 1, 0, 0, 0}, {5, 2, 0, 0, 0}, {0, 0, 0, 0, 0}, {1, 1, 1e-6, 0, 0}
        };
        double[][] block = basis.extension(candidates, 4);
        assertThat(block).hasDimensions(4, A.length);
        assertThat(block[0]).containsExactly(0, 1, 0, 0, 0); // of the second candidate
        assertThat(block[1][2]).isCloseTo(1, within(1e-9)); // of the last
        add(block); // the rest is random
        orthonormal(block, first);
    }

    @Test
    void ritzPairsOfAnInvariantSubspaceAreExact() {
        add(new double[][] {{0, 0.6, 0.8, 0, 0}, {0, -0.8, 0.6, 0, 0}});
        basis.solve();
        RandomizedSvd.Triples t = basis.triples(2, 1, 0, 0);
        assertThat(t.sigma()[0]).isCloseTo(2, within(1e-14));
        assertThat(t.sigma()[1]).isCloseTo(1, within(1e-14));
        assertThat(Math.abs(t.v()[0][1])).isCloseTo(1, within(1e-14));
        assertThat(Arrays.stream(basis.residuals(2).norm()).max().orElseThrow()).isLessThan(1e-14);
    }

    /** One vector x: λ = xᵀ A x and the residual ‖A x − λ x‖ / λ. */
    @Test
    void residualOfOneVector() {
        add(new double[][] {{0.6, 0.8, 0, 0, 0}});
        basis.solve();
        double lambda = 0.36 * 9 + 0.64 * 4;
        double residual = Math.hypot(0.6 * (9 - lambda), 0.8 * (4 - lambda)) / lambda;
        assertThat(basis.triples(1, 1, 0, 0).sigma()[0]).isCloseTo(Math.sqrt(lambda), within(1e-14));
        assertThat(basis.residuals(1).norm()[0] / lambda).isCloseTo(residual, within(1e-14));
    }

    @Test
    void restartKeepsTheBestPairs() {
        add(basis.extension(new double[0][], 4));
        basis.solve();
        RandomizedSvd.Triples before = basis.triples(2, 1, 0, 0);
        basis.restart(2);
        assertThat(basis.size()).isEqualTo(2);
        basis.solve();
        RandomizedSvd.Triples after = basis.triples(2, 1, 0, 0);
        for (int i = 0; i < 2; i++) {
            assertThat(after.sigma()[i]).isCloseTo(before.sigma()[i], within(1e-12));
            assertThat(Math.abs(Vectors.dot(after.v()[i], before.v()[i]))).isCloseTo(1, within(1e-12));
            assertThat(after.residual()[i]).isCloseTo(before.residual()[i], within(1e-12));
        }
        add(basis.extension(new double[0][], 3));
        basis.solve(); // the whole space
        double[] sigma = basis.triples(5, 1, 0, 0).sigma();
        for (int i = 0; i < A.length; i++) {
            assertThat(sigma[i] * sigma[i]).isCloseTo(A[i], within(1e-12));
        }
    }

    private void add(double[][] block) {
        double[][] images = new double[block.length][A.length];
        for (int i = 0; i < block.length; i++) {
            for (int j = 0; j < A.length; j++) {
                images[i][j] = A[j] * block[i][j];
            }
        }
        basis.append(block, images);
    }

    private static void orthonormal(double[][]... blocks) {
        List<double[]> rows = new ArrayList<>();
        Arrays.stream(blocks).forEach(b -> rows.addAll(List.of(b)));
        for (int i = 0; i < rows.size(); i++) {
            for (int k = 0; k <= i; k++) {
                assertThat(Vectors.dot(rows.get(i), rows.get(k))).isCloseTo(i == k ? 1 : 0, within(1e-12));
            }
        }
    }
}
