package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.clarid.RandomizedSvd.Triples;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.apache.commons.math3.linear.RealMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks of fewer vectors than are wanted: what they save, and that values of which there are more than a block has vectors are not missed. */
class SmallBlocksTest {
    private static final double TOLERANCE = 1e-3;
    private static final int N = 10;
    private static final int SIZE = 400;

    /** A cluster of m values at 2 (σ), of so great a spread, after so many that are apart, before others of 1.2 and less. */
    private static double[] spectrum(int before, int m, double spread) {
        double[] s = new double[SIZE];
        Arrays.setAll(
                s,
                i -> i < before
                        ? 3 - 0.1 * i
                        : i < before + m ? 2 - spread * (i - before) / m : 1.2 * Math.pow(0.95, i - before - m));
        return s;
    }

    private static LinearOperator diagonal(DType type, double[]... sigma) {
        int n = sigma[0].length;
        double[] all = Arrays.stream(sigma).flatMapToDouble(Arrays::stream).toArray();
        Tensor d = Tensor.of(all, sigma.length, n).to(type);
        Shape shape = Shape.of(sigma.length, n);
        Linearization f = Autodiff.linearize(x -> x.times(Var.constant(d)), Tensor.zeros(type, shape));
        return LinearOperator.jacobian(f, shape);
    }

    private static Triples solve(RandomizedSvd svd, LinearOperator j) {
        return svd.solve(j).samples().getFirst();
    }

    /** Values in their order, each as often as it is there. */
    private static void nothingIsMissed(Triples t, double[] sigma, double tolerance) {
        assertThat(t.converged(tolerance)).isTrue();
        for (int i = 0; i < t.sigma().length; i++) {
            assertThat(t.sigma()[i]).as("σ" + i).isCloseTo(sigma[i], within(tolerance * sigma[i]));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 6, 8, 9, 10, 11, 12, 20})
    void multipleValues(int m) {
        for (int before : new int[] {0, 3}) {
            double[] s = spectrum(before, m, 0);
            for (DType type : List.of(DType.F64, DType.F32)) {
                nothingIsMissed(solve(RandomizedSvd.ofRank(N), diagonal(type, s)), s, TOLERANCE);
            }
            nothingIsMissed(solve(new RandomizedSvd(N, 2, 60, 1e-8, 0, 1), diagonal(DType.F64, s)), s, 1e-8);
        }
    }

    /** The clusters' spread in parts of what the certificate tells, from nothing to what a Krylov space tells easily. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-12, 1e-6, 1e-4, 3e-4, 1e-3, 2e-3, 4e-3, 1e-2, 5e-2})
    void clusters(double spread) {
        for (int m : new int[] {4, 7, 9}) {
            double[] s = spectrum(0, m, spread);
            for (long seed = 0; seed < 3; seed++) {
                RandomizedSvd svd = new RandomizedSvd(N, 2, 20, TOLERANCE, 0, seed);
                nothingIsMissed(solve(svd, diagonal(DType.F64, s)), s, TOLERANCE);
            }
        }
    }

    /** Whatever number of vectors a block has: rank, extra vectors, how many values are alike. */
    @ParameterizedTest
    @CsvSource({
        "2, 0, 1", "2, 0, 5", "3, 0, 2", "3, 0, 3", "4, 1, 3", "5, 0, 4", "5, 2, 5", "6, 4, 5", "6, 9, 8", "1, 2, 3",
        "1, 0, 2"
    })
    void allRanksAndBlocks(int rank, int oversample, int m) {
        double[] s = spectrum(0, m, 0);
        nothingIsMissed(
                solve(new RandomizedSvd(rank, oversample, 60, TOLERANCE, 0, 2), diagonal(DType.F64, s)), s, TOLERANCE);
    }

    /** Several values that are there more than once, values of low rank, spaces that are hardly larger than n. */
    @Test
    void otherMaps() {
        double[] pairs = of(SIZE, i -> 3 - 0.2 * (i / 2) - 0.001 * (i / 20));
        Arrays.setAll(pairs, i -> Math.max(pairs[i], 0.3 - 0.0005 * i));
        double[] fives = of(SIZE, i -> i < 15 ? 3 - 0.5 * (i / 5) : 1 - 0.002 * i);
        for (double[] s : List.of(pairs, fives)) {
            nothingIsMissed(solve(RandomizedSvd.ofRank(N), diagonal(DType.F32, s)), s, TOLERANCE);
        }
        double[] low = of(SIZE, i -> i < 11 ? 2 - (i / 4) * 0.5 : 0);
        nothingIsMissed(solve(RandomizedSvd.ofRank(N), diagonal(DType.F64, low)), low, TOLERANCE);
        Triples beyond = solve(RandomizedSvd.ofRank(13), diagonal(DType.F64, low));
        assertThat(beyond.certified(TOLERANCE)).isEqualTo(11);
        assertThat(beyond.sigma()[11]).isLessThan(1e-6);
        for (int size = N; size < N + 4; size++) {
            double[] small = Arrays.copyOf(spectrum(0, 5, 0), size);
            nothingIsMissed(solve(RandomizedSvd.ofRank(N), diagonal(DType.F64, small)), small, TOLERANCE);
        }
        Triples zero = solve(RandomizedSvd.ofRank(N), diagonal(DType.F32, new double[SIZE]));
        assertThat(zero.sigma()).containsOnly(0);
        assertThat(zero.residual()).containsOnly(0);
    }

    /** Of values that are apart, at most six tenths of the products that blocks of n + p take. */
    @Test
    void fewerProducts() {
        double[] s = of(SIZE, i -> 2 / (1 + 0.05 * i));
        RandomizedSvd svd = RandomizedSvd.ofRank(N);
        Triples t = solve(svd, diagonal(DType.F32, s));
        nothingIsMissed(t, s, TOLERANCE);
        Triples wide = solve(new RandomizedSvd(N, N, 20, TOLERANCE, 0, 0), diagonal(DType.F32, s)); // blocks of n + 1
        assertThat(t.products()).isLessThan(wide.products() * 6 / 10);
        assertThat(svd.block(Device.cpu())).isEqualTo(3);
    }

    /** No more than is allowed, in blocks of any size, and also where a map begins again. */
    @ParameterizedTest
    @CsvSource({"10, 2, 8", "10, 2, 1", "5, 0, 1", "3, 0, 3", "1, 2, 1", "7, 3, 5"})
    void sweepsAreLimits(int rank, int oversample, int m) {
        double[] s = spectrum(0, m, 0);
        for (int sweeps = 1; sweeps < 9; sweeps++) {
            Triples t = solve(new RandomizedSvd(rank, oversample, sweeps, 1e-4, 0, 0), diagonal(DType.F32, s));
            assertThat(t.sigma()).hasSize(rank);
            assertThat(t.sweeps()).isBetween(1, sweeps);
            assertThat(t.products()).isBetween(2 * rank, 2 * sweeps * (rank + oversample));
        }
    }

    /** A map that begins again in wider blocks, beside others and alone. */
    @Test
    void whatBeginsAgainDoesNotBearOnOthers() {
        RealMatrix easy = MatrixOperator.withSpectrum(50, 70, 1, of(50, i -> Math.pow(1.5, -i)));
        RealMatrix many = MatrixOperator.withSpectrum(50, 70, 2, of(50, i -> i < 5 ? 2 : 1 - 0.01 * i));
        RealMatrix more = MatrixOperator.withSpectrum(50, 70, 3, of(50, i -> i < 3 ? 3 : i < 9 ? 2 : 1 - 0.01 * i));
        RandomizedSvd svd = new RandomizedSvd(8, 2, 20, 1e-6, 2, 5);
        List<Triples> together =
                svd.solve(new MatrixOperator(DType.F64, easy, many, more)).samples();
        int s = 0;
        for (RealMatrix map : List.of(easy, many, more)) {
            MatrixOperator j = new MatrixOperator(DType.F64, map);
            Triples alone = solve(svd, j);
            Triples beside = together.get(s++);
            assertThat(beside.v()).isDeepEqualTo(alone.v());
            assertThat(beside.sigma()).isEqualTo(alone.sigma());
            assertThat(beside.residual()).isEqualTo(alone.residual());
            assertThat(beside.products()).isEqualTo(alone.products());
            assertThat(beside.bound()).isEqualTo(alone.bound());
            RandomizedSvdTest.holds(alone, map, 8, 1e-6);
        }
    }

    private static double[] of(int n, IntToDoubleFunction f) {
        double[] s = new double[n];
        Arrays.setAll(s, f::applyAsDouble);
        return s;
    }
}
