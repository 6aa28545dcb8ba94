package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.clarid.RandomizedSvd.Triples;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Session;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against exact decompositions of explicit matrices (Commons Math). */
class RandomizedSvdTest {
    private static final int ROWS = 30;
    private static final int COLUMNS = 40;

    static Stream<Arguments> spectra() {
        double[] flat = new double[ROWS];
        Arrays.fill(flat, 2);
        double[] clustered = new double[ROWS];
        Arrays.setAll(clustered, i -> i < 3 ? 5 : i < 8 ? 3 : i < 12 ? 3 - 1e-5 : 1);
        double[] decaying = new double[ROWS];
        Arrays.setAll(decaying, i -> Math.pow(0.5, i));
        double[] slow = new double[ROWS];
        Arrays.setAll(slow, i -> 1 / (1 + 0.05 * i));
        return Stream.of(
                Arguments.of("flat", flat),
                Arguments.of("clustered", clustered),
                Arguments.of("rank deficient", new double[] {7, 5, 5, 0.1}),
                Arguments.of("rank one", new double[] {1e-3}),
                Arguments.of("zero", new double[0]),
                Arguments.of("decaying", decaying),
                Arguments.of("slow", slow));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("spectra")
    void agreesWithTheExactDecomposition(String name, double[] spectrum) {
        MatrixOperator j =
                new MatrixOperator(DType.F64, MatrixOperator.withSpectrum(ROWS, COLUMNS, name.hashCode(), spectrum));
        RandomizedSvd.Result r = new RandomizedSvd(6, 2, 60, 1e-11, 0, 3).solve(j);
        holds(r.samples().getFirst(), j.map(0), 6, 1e-11);
        assertThat(r.products()).isEqualTo(j.products());
    }

    /** As wide a block as the space: nothing is left to iterate. */
    @Test
    void wholeSpace() {
        MatrixOperator j = new MatrixOperator(DType.F64, MatrixOperator.withSpectrum(9, 5, 4, 5, 4, 3, 2, 1));
        RandomizedSvd.Result r = new RandomizedSvd(5, 3, 10, 1e-12, 0, 0).solve(j);
        assertThat(r.sweeps()).isEqualTo(1);
        holds(r.samples().getFirst(), j.map(0), 5, 1e-12);
    }

    @Test
    void inSingle() {
        double[] spectrum = {9, 6, 4, 2.5, 1.5, 1, 0.5, 0.25, 0.1};
        MatrixOperator j = new MatrixOperator(DType.F32, MatrixOperator.withSpectrum(ROWS, COLUMNS, 8, spectrum));
        Triples t = RandomizedSvd.ofRank(4).solve(j).samples().getFirst();
        assertThat(t.converged(1e-3)).isTrue();
        for (int i = 0; i < 4; i++) {
            assertThat(t.sigma()[i]).isCloseTo(spectrum[i], within(1e-4 * spectrum[0]));
        }
    }

    @Test
    void imagesOfABatchAreIndependent() {
        RealMatrix[] maps = {
            MatrixOperator.withSpectrum(ROWS, COLUMNS, 1, 4, 3, 2, 1, 0.5),
            MatrixOperator.withSpectrum(ROWS, COLUMNS, 2, 400, 1, 0.1),
            MatrixOperator.withSpectrum(ROWS, COLUMNS, 3),
            MatrixOperator.withSpectrum(ROWS, COLUMNS, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
        };
        List<Triples> all = new RandomizedSvd(3, 1, 60, 1e-11, 0, 3)
                .solve(new MatrixOperator(DType.F64, maps))
                .samples();
        assertThat(all).hasSize(maps.length);
        for (int b = 0; b < maps.length; b++) {
            holds(all.get(b), maps[b], 3, 1e-11);
        }
    }

    /** So slow a spectrum that the basis of twelve blocks is full many times over. */
    @Test
    void restarts() {
        double[] spectrum = new double[200];
        Arrays.setAll(spectrum, i -> 1 - 0.002 * i);
        MatrixOperator j = new MatrixOperator(DType.F64, MatrixOperator.withSpectrum(200, 200, 5, spectrum));
        RandomizedSvd.Result r = new RandomizedSvd(2, 1, 400, 1e-9, 0, 1).solve(j);
        assertThat(r.sweeps()).isBetween(25, 399);
        holds(r.samples().getFirst(), j.map(0), 2, 1e-9);
    }

    /** Stopped early: what is reported is the true residual, and that it is too large. */
    @Test
    void theCertificateIsHonest() {
        double[] spectrum = new double[ROWS];
        Arrays.setAll(spectrum, i -> 1 - 0.01 * i);
        MatrixOperator j = new MatrixOperator(DType.F64, MatrixOperator.withSpectrum(ROWS, COLUMNS, 6, spectrum));
        RandomizedSvd.Result r = new RandomizedSvd(4, 1, 1, 1e-6, 0, 0).solve(j);
        Triples t = r.samples().getFirst();
        assertThat(r.sweeps()).isEqualTo(1);
        assertThat(t.converged(1e-6)).isFalse();
        assertThat(Arrays.stream(t.residual()).max().orElseThrow()).isGreaterThan(1e-2);
        certified(t, j.map(0));
    }

    @Test
    void theBoundHolds() {
        double[] spectrum = new double[ROWS];
        Arrays.setAll(spectrum, i -> 1 / (1.0 + i));
        RealMatrix a = MatrixOperator.withSpectrum(ROWS, COLUMNS, 7, spectrum);
        double squares = Math.pow(a.getFrobeniusNorm(), 2);
        double mean = 0;
        int seeds = 40;
        for (int seed = 0; seed < seeds; seed++) {
            MatrixOperator j = new MatrixOperator(DType.F64, a);
            Triples t = new RandomizedSvd(5, 1, 1 + seed % 4, 1e-9, 5, seed)
                    .solve(j)
                    .samples()
                    .getFirst();
            double truth = new SingularValueDecomposition(withoutRows(a, t.v())).getNorm();
            assertThat(t.bound()).isGreaterThan(truth).isLessThan(100 * truth);
            mean += t.frobenius() * t.frobenius() / seeds;
        }
        assertThat(mean).isCloseTo(squares, within(0.05 * squares));
        Triples none = RandomizedSvd.ofRank(5)
                .solve(new MatrixOperator(DType.F64, a))
                .samples()
                .getFirst();
        assertThat(none.bound()).isNaN();
        assertThat(none.frobenius()).isNaN();
    }

    @Test
    void sameBitsWithAnyNumberOfThreads() {
        double[] spectrum = new double[60];
        Arrays.setAll(spectrum, i -> 1 / (1 + 0.1 * i));
        MatrixOperator j = new MatrixOperator(
                DType.F32,
                MatrixOperator.withSpectrum(60, 200, 1, spectrum),
                MatrixOperator.withSpectrum(60, 200, 3, spectrum));
        RandomizedSvd svd = new RandomizedSvd(6, 2, 20, 1e-5, 2, 9);
        RandomizedSvd.Result one = Session.current().withThreads(1).call(() -> svd.solve(j));
        Session.current().withThreads(1).run(() -> same(svd.solve(j), one));
        Session.current().withThreads(3).run(() -> same(svd.solve(j), one));
        RandomizedSvd.Result other = new RandomizedSvd(6, 2, 20, 1e-5, 2, 10).solve(j);
        assertThat(other.samples().getFirst().v()[0])
                .isNotEqualTo(one.samples().getFirst().v()[0]);
    }

    @Test
    void refuses() {
        MatrixOperator small = new MatrixOperator(DType.F64, MatrixUtils.createRealIdentityMatrix(3));
        assertThatThrownBy(() -> RandomizedSvd.ofRank(4).solve(small))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("svd: 4 singular vectors wanted of a space of 3 dimensions");
        assertThatThrownBy(() -> RandomizedSvd.ofRank(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("svd: rank and sweeps at least 1");
        RealMatrix broken = MatrixUtils.createRealIdentityMatrix(3);
        broken.setEntry(1, 1, Double.NaN);
        MatrixOperator j = new MatrixOperator(DType.F64, MatrixUtils.createRealIdentityMatrix(3), broken);
        assertThatThrownBy(() -> RandomizedSvd.ofRank(2).solve(j))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("svd: the Jacobian of sample 1 gives values that are not finite");
    }

    private static void same(RandomizedSvd.Result a, RandomizedSvd.Result b) {
        assertThat(a.sweeps()).isEqualTo(b.sweeps());
        for (int s = 0; s < b.samples().size(); s++) {
            Triples x = a.samples().get(s);
            Triples y = b.samples().get(s);
            assertThat(x.sigma()).isEqualTo(y.sigma());
            assertThat(x.v()).isDeepEqualTo(y.v());
            assertThat(x.residual()).isEqualTo(y.residual());
            assertThat(x.bound()).isEqualTo(y.bound());
            assertThat(x.frobenius()).isEqualTo(y.frobenius());
        }
    }

    /** Values against the exact ones, vectors orthonormal, residuals recomputed from the matrix and within the tolerance. */
    static void holds(Triples t, RealMatrix a, int rank, double tolerance) {
        double[] exact = new SingularValueDecomposition(a).getSingularValues();
        double top = Math.max(exact[0] * exact[0], Double.MIN_NORMAL);
        assertThat(t.sigma()).hasSize(rank);
        for (int i = 0; i < rank; i++) {
            double want = i < exact.length ? exact[i] * exact[i] : 0;
            assertThat(t.sigma()[i] * t.sigma()[i]).as("σ²[" + i + "]").isCloseTo(want, within(20 * tolerance * top));
            for (int k = 0; k <= i; k++) {
                assertThat(Vectors.dot(t.v()[i], t.v()[k])).isCloseTo(i == k ? 1 : 0, within(1e-10));
            }
        }
        int positive = (int) Arrays.stream(exact) // and not so small that the rounding of doubles hides them
                .limit(rank)
                .filter(s -> tolerance * s * s > 1e-15 * top)
                .count();
        assertThat(t.certified(tolerance)).isGreaterThanOrEqualTo(positive);
        certified(t, a);
    }

    /** Values and residuals against a matrix that is known to {@code tolerance}. */
    static void agrees(Triples t, RealMatrix a, int rank, double tolerance) {
        double[] exact = new SingularValueDecomposition(a).getSingularValues();
        assertThat(t.sigma()).hasSize(rank);
        for (int i = 0; i < rank; i++) {
            assertThat(t.sigma()[i]).as("σ[" + i + "]").isCloseTo(exact[i], within(tolerance * exact[0]));
            RealVector v = MatrixUtils.createRealVector(t.v()[i]);
            assertThat(a.operate(v).getNorm()).isCloseTo(t.sigma()[i], within(tolerance * exact[0]));
        }
    }

    private static void certified(Triples t, RealMatrix a) {
        double top = t.sigma()[0] * t.sigma()[0];
        for (int i = 0; i < t.sigma().length; i++) {
            RealVector v = MatrixUtils.createRealVector(t.v()[i]);
            RealVector r = a.preMultiply(a.operate(v)).subtract(v.mapMultiply(t.sigma()[i] * t.sigma()[i]));
            double residual = top > 0 ? r.getNorm() / top : r.getNorm();
            assertThat(t.residual()[i]).as("residual[" + i + "]").isCloseTo(residual, within(1e-12));
        }
    }

    /** A − A V Vᵀ. */
    private static RealMatrix withoutRows(RealMatrix a, double[][] v) {
        RealMatrix rows = MatrixUtils.createRealMatrix(v);
        return a.subtract(a.multiply(rows.transpose()).multiply(rows));
    }
}
