package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.cuda.emulator.EmulatedDriver;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.DeviceException;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bases of the randomized SVD on the device, beside those on the heap. Here, since this module's tests have a device. */
class DeviceRowsTest {
    private static final int N = 40;

    private final Device cuda = device();

    private static Device device() {
        try {
            return Device.cuda(0);
        } catch (DeviceException e) {
            return Assumptions.abort("no device to test on: " + e.getMessage());
        }
    }

    private static double[][] normals(int count, int seed) {
        double[][] x = new double[count][N];
        for (int i = 0; i < count; i++) {
            new Philox(seed, i).normals(0, x[i]);
        }
        return x;
    }

    private static double[][] plus(double[][] x, double[]... more) {
        List<double[]> all = new ArrayList<>(List.of(x));
        all.addAll(List.of(more));
        return all.toArray(new double[0][]);
    }

    private static double[] combined(double a, double[] x, double b, double[] y) {
        double[] z = new double[x.length];
        Arrays.setAll(z, i -> a * x[i] + b * y[i]);
        return z;
    }

    /** Both give the same block to a basis of so many vectors, and it is orthonormal and orthogonal to the basis. */
    private void sameBlock(int size, UnaryOperator<double[][]> candidates, int count, double tolerance) {
        try (Scope _ = Scope.open()) {
            Rows host = new HostRows(N);
            Rows there = new DeviceRows(cuda, N);
            double[][] basis = new double[0][];
            if (size > 0) {
                basis = host.extension(normals(size, 1), size, k -> normals(k, 9));
                host.append(basis);
                there.append(basis);
            }
            double[][] x = candidates.apply(basis);
            double[][] before = Arrays.stream(x).map(double[]::clone).toArray(double[][]::new);
            double[][] expected = host.extension(x, count, k -> normals(k, 3));
            double[][] block = there.extension(x, count, k -> normals(k, 3));
            assertThat(x).isDeepEqualTo(before);
            assertThat(block).hasDimensions(count, N);
            for (int i = 0; i < count; i++) {
                for (int j = 0; j < N; j++) {
                    assertThat(block[i][j])
                            .as("vector %d, element %d", i, j)
                            .isCloseTo(expected[i][j], within(tolerance));
                }
                for (int k = 0; k < count; k++) {
                    assertThat(Vectors.dot(block[i], block[k])).isCloseTo(i == k ? 1 : 0, within(1e-13));
                }
                for (double[] v : basis) {
                    assertThat(Vectors.dot(block[i], v)).isCloseTo(0, within(1e-13));
                }
            }
        }
    }

    @Test
    void blocksAreThoseOfTheHeap() {
        sameBlock(0, _ -> new double[0][], 7, 1e-13); // random ones alone
        sameBlock(0, _ -> normals(7, 2), 7, 1e-13);
        sameBlock(12, _ -> normals(7, 2), 7, 1e-13);
        sameBlock(12, _ -> normals(7, 2), 1, 1e-13); // the first of them
        sameBlock(12, _ -> normals(3, 2), 7, 1e-13); // and four random ones
        sameBlock(33, _ -> normals(7, 2), 7, 1e-12); // all that is left of the space
    }

    @Test
    void dependentVectorsAreReplaced() {
        double[] zero = new double[N];
        double[][] x = normals(4, 2);
        double[] sum = combined(2, x[0], -3, x[1]);
        double[] near = combined(1, x[0], 1e-6, x[3]);
        double[][] mixed = {x[0], zero, x[1], sum, x[2], near};
        sameBlock(0, _ -> mixed, 4, 1e-8); // of the last, what is left is a millionth
        sameBlock(0, _ -> mixed, 6, 1e-8);
        sameBlock(5, v -> plus(new double[][] {v[0], combined(1, v[1], 1, x[0])}, sum, x[1], x[0]), 5, 1e-13);
        sameBlock(5, v -> plus(new double[0][], v), 5, 1e-13); // nothing new at all
        sameBlock(0, _ -> new double[][] {zero, zero, zero}, 3, 1e-13);
        sameBlock(0, _ -> new double[][] {zero, x[0], x[0], x[1]}, 2, 1e-13);
    }

    @Test
    @Tag("emulator")
    void inEveryMode() {
        for (UnaryOperator<EmulatedDriver> mode : List.<UnaryOperator<EmulatedDriver>>of(
                EmulatedDriver::guard, EmulatedDriver::async, d -> d.order(EmulatedDriver.Order.RANDOM, 7))) {
            try (EmulatedDriver driver = mode.apply(new EmulatedDriver())) {
                sameBlock(12, _ -> normals(7, 2), 7, 1e-13);
                sameBlock(5, v -> plus(new double[][] {v[0]}, normals(2, 2)), 4, 1e-13);
            }
        }
    }

    @Test
    void whatIsNotFiniteIsOneError() {
        Assumptions.assumeTrue(LinearAlgebra.isOwnOf(cuda), "cuSOLVER is not here");
        try (Scope _ = Scope.open()) {
            double[][] x = normals(3, 2);
            x[1][5] = Double.NaN;
            assertThatThrownBy(() -> new DeviceRows(cuda, N).extension(x, 3, k -> normals(k, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("lq: the matrix is not finite: NaN in row 1, column 5 of shape [3, 40]");
        }
    }

    /** B explicit matrices [B, m, n] as an operator. */
    private record Matrices(Tensor a) implements LinearOperator {
        @Override
        public int batch() {
            return a.dim(0);
        }

        @Override
        public Shape domain() {
            return Shape.of(a.dim(2));
        }

        @Override
        public DType dtype() {
            return a.dtype();
        }

        @Override
        public Tensor push(Tensor v) {
            return times(v, true);
        }

        @Override
        public Tensor pull(Tensor u) {
            return times(u, false);
        }

        private Tensor times(Tensor x, boolean transposed) {
            Tensor rows = x.reshape(x.dim(0), x.dim(1), 1, x.dim(2));
            Tensor y = rows.matmul(false, a, transposed);
            return y.reshape(x.dim(0), x.dim(1), y.dim(-1));
        }
    }

    /** Two samples: the projected problems of a sweep are solved together, by the batch while they have at most 32 rows. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void theSvdOfABatchIsThatOfTheProcessor(int rank) {
        double[] spectrum = new double[30];
        Arrays.setAll(spectrum, i -> 5 / (1 + 0.3 * i));
        Tensor[] maps = new Tensor[2];
        for (int b = 0; b < 2; b++) {
            Tensor u = LinearAlgebra.qr(Tensor.normal(DType.F64, Shape.of(35, 30), new Philox(b)))
                    .q();
            Tensor v = LinearAlgebra.qr(Tensor.normal(DType.F64, Shape.of(N, 30), new Philox(b + 10L)))
                    .q();
            maps[b] = u.times(Tensor.of(spectrum, 1, 30).times(b + 1))
                    .matmul(false, v, true)
                    .reshape(1, 35, N);
        }
        Tensor a = Tensor.concatenate(0, maps);
        RandomizedSvd method = new RandomizedSvd(rank, 2, 60, 1e-11, 2, 3);
        RandomizedSvd.Result host = method.solve(new Matrices(a));
        RandomizedSvd.Result there =
                Session.current().withDevice(cuda).call(() -> method.solve(new Matrices(a.to(cuda))));
        assertThat(method.block(cuda))
                .isEqualTo(rank + 2); // and fewer on the processor: they agree where both have converged
        for (int b = 0; b < 2; b++) {
            RandomizedSvd.Triples x = there.samples().get(b);
            RandomizedSvd.Triples y = host.samples().get(b);
            assertThat(x.converged(1e-11)).isTrue();
            assertThat(x.bound()).isCloseTo(y.bound(), within(1e-6 * y.bound()));
            for (int i = 0; i < rank; i++) {
                assertThat(x.sigma()[i]).isCloseTo((b + 1) * spectrum[i], within(1e-9));
                assertThat(x.sigma()[i]).isCloseTo(y.sigma()[i], within(1e-12));
                assertThat(Math.abs(Vectors.dot(x.v()[i], y.v()[i]))).isCloseTo(1, within(1e-12));
            }
        }
    }

    /** J = 0: every direction is singular, with σ = 0. */
    @Test
    void zero() {
        Tensor a = Tensor.zeros(cuda, DType.F64, Shape.of(1, 7, N));
        RandomizedSvd.Triples t = Session.current()
                .withDevice(cuda)
                .call(() ->
                        RandomizedSvd.ofRank(3).solve(new Matrices(a)).samples().getFirst());
        assertThat(t.sigma()).containsExactly(0, 0, 0);
        assertThat(t.residual()).containsExactly(0, 0, 0);
    }
}
