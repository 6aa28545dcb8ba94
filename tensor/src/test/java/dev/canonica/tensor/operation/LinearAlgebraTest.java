package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.InSession;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearAlgebraTest {
    @RegisterExtension
    private final InSession ownAccount = InSession.withOwnAccount();

    private static final double EXACT = 1e-13;

    private static Tensor normal(int... dims) {
        return Tensor.normal(DType.F64, Shape.of(dims), new Philox(11));
    }

    /** A = U diag(s) Vᵀ with random orthonormal U and V: singular values that are known. */
    private static Tensor withSpectrum(int m, int n, double... s) {
        Tensor u = LinearAlgebra.qr(normal(m, s.length)).q();
        Tensor v = LinearAlgebra.qr(normal(n, s.length)).q();
        return u.times(Tensor.of(s, 1, s.length)).matmul(false, v, true);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 1", "1, 7", "17, 5", "5, 17", "33, 33", "200, 12", "12, 200", "65, 63"})
    void factorsMultiplyToTheMatrix(int m, int n) {
        Tensor a = normal(m, n);
        if (m >= n) {
            LinearAlgebra.Qr qr = LinearAlgebra.qr(a);
            assertThat(qr.q().shape()).isEqualTo(Shape.of(m, n));
            assertThat(qr.error(a)).isLessThan(EXACT);
            assertTriangular(qr.r());
        }
        if (m <= n) {
            LinearAlgebra.Lq lq = LinearAlgebra.lq(a);
            assertThat(lq.q().shape()).isEqualTo(Shape.of(m, n));
            assertThat(lq.error(a)).isLessThan(EXACT);
            assertTriangular(lq.l().transpose());
        }
        LinearAlgebra.Svd svd = LinearAlgebra.svd(a);
        int k = Math.min(m, n);
        assertThat(svd.u().shape()).isEqualTo(Shape.of(m, k));
        assertThat(svd.vt().shape()).isEqualTo(Shape.of(k, n));
        assertThat(svd.error(a)).isLessThan(EXACT);
        assertDescending(svd.s());
    }

    private static void assertTriangular(Tensor r) {
        int n = r.dim(0);
        double[] x = r.toDoubles();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                assertThat(x[i * n + j]).isZero();
            }
            assertThat(x[i * n + i]).isNotNegative();
        }
    }

    private static void assertDescending(Tensor s) {
        double[] x = s.toDoubles();
        for (int i = 0; i < x.length; i++) {
            assertThat(x[i]).isBetween(0., i == 0 ? Double.MAX_VALUE : x[i - 1]);
        }
    }

    /** R of a matrix that can be factorised by hand. */
    @Test
    void theDiagonalIsPositive() {
        LinearAlgebra.Qr qr = LinearAlgebra.qr(Tensor.of(new double[] {-3, 1, 4, 2}, 2, 2));
        double[] expected = {5, 1, 0, 2};
        double[] q = {-0.6, 0.8, 0.8, 0.6};
        for (int i = 0; i < 4; i++) {
            assertThat(qr.r().toDoubles()[i]).isCloseTo(expected[i], within(1e-15));
            assertThat(qr.q().toDoubles()[i]).isCloseTo(q[i], within(1e-15));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void singularValuesAreThoseOfTheSpectrum(boolean wide) {
        double[][] spectra = {
            {9, 4, 1, 0.5, 0.1},
            {2, 2, 2, 2, 2},
            {1, 1e-4, 1e-8, 1e-12, 1e-15}, // ill-conditioned
            {5, 3, 0, 0, 0},
            {1e-200, 1e-201, 1e-202, 1e-203, 1e-204},
            {1e200, 1e199, 1e198, 1e197, 1e196}
        };
        for (double[] s : spectra) {
            Tensor a = wide ? withSpectrum(9, 31, s) : withSpectrum(31, 9, s);
            LinearAlgebra.Svd svd = LinearAlgebra.svd(a);
            assertThat(svd.error(a)).as(Arrays.toString(s)).isLessThan(EXACT);
            double[] found = svd.s().toDoubles();
            for (int i = 0; i < found.length; i++) {
                assertThat(found[i] / s[0])
                        .as("%s: %d", Arrays.toString(s), i)
                        .isCloseTo(i < 5 ? s[i] / s[0] : 0, within(EXACT));
            }
        }
    }

    @Test
    void rankDeficientMatricesHaveOrthonormalFactors() {
        Tensor zero = Tensor.zeros(DType.F64, Shape.of(7, 4));
        assertThat(LinearAlgebra.qr(zero).error(zero)).isZero();
        assertThat(LinearAlgebra.svd(zero).error(zero)).isLessThan(EXACT);
        assertThat(LinearAlgebra.svd(zero).s().toDoubles()).containsOnly(0);
        // the third row is the sum of two, the fourth is 0
        Tensor a = Tensor.of(new double[] {1, 2, 0, 0, 1, 0, 1, 1, 3, 0, 1, 3, 3, 3, 1, 0, 0, 0, 0, 0}, 4, 5);
        LinearAlgebra.Lq lq = LinearAlgebra.lq(a);
        assertThat(lq.error(a)).isLessThan(EXACT);
        double[] l = lq.l().toDoubles();
        assertThat(l[0]).isGreaterThan(1);
        assertThat(l[5]).isGreaterThan(1);
        assertThat(l[15]).isZero();
        assertThat(LinearAlgebra.svd(a).error(a)).isLessThan(EXACT);
        Tensor integer = Tensor.of(new double[] {1, 2, 3, 2, 4, 6, 0, 0, 0}, 3, 3);
        assertThat(LinearAlgebra.svd(integer).error(integer)).isLessThan(EXACT);
        assertThat(LinearAlgebra.svd(integer).s().toDoubles()[0]).isCloseTo(Math.sqrt(70), within(1e-13));
    }

    /** Rows whose squares overflow or vanish, beside ordinary ones. */
    @Test
    void rowsOfAnyLength() {
        Tensor a = normal(4, 9).times(Tensor.of(new double[] {1e180, 1, 1e-180, 1e-300}, 4, 1));
        LinearAlgebra.Lq lq = LinearAlgebra.lq(a);
        double[] l = lq.l().toDoubles();
        assertThat(l[5]).isBetween(0.1, 10.);
        assertThat(l[10]).isBetween(1e-181, 1e-179);
        assertThat(l[15]).isBetween(1e-301, 1e-299);
        assertThat(FactorErrors.orthonormal(lq.q(), false)).isLessThan(EXACT);
    }

    @Test
    void matricesOfABatchAreFactorisedAlone() {
        Tensor a = normal(2, 3, 7, 5);
        LinearAlgebra.Qr qr = LinearAlgebra.qr(a);
        LinearAlgebra.Svd svd = LinearAlgebra.svd(a);
        assertThat(qr.q().shape()).isEqualTo(Shape.of(2, 3, 7, 5));
        assertThat(qr.r().shape()).isEqualTo(Shape.of(2, 3, 5, 5));
        assertThat(svd.u().shape()).isEqualTo(Shape.of(2, 3, 7, 5));
        assertThat(svd.s().shape()).isEqualTo(Shape.of(2, 3, 5));
        assertThat(svd.vt().shape()).isEqualTo(Shape.of(2, 3, 5, 5));
        assertThat(qr.error(a)).isLessThan(EXACT);
        assertThat(svd.error(a)).isLessThan(EXACT);
        Tensor last = a.row(1).row(2);
        assertThat(LinearAlgebra.svd(last).s().toDoubles())
                .isEqualTo(svd.s().row(1).row(2).toDoubles());
    }

    @Test
    void inSingle() {
        Tensor a = normal(31, 7).to(DType.F32);
        LinearAlgebra.Svd svd = LinearAlgebra.svd(a);
        assertThat(svd.u().dtype()).isEqualTo(DType.F32);
        assertThat(svd.error(a)).isLessThan(1e-6);
        assertThat(LinearAlgebra.qr(a).error(a)).isLessThan(1e-6);
        assertThat(LinearAlgebra.randomizedSvd(a, 7, 0, 1, 3).error(a)).isLessThan(1e-6);
    }

    /** σ decays by 1/2, so that four iterations leave 2^(−3 · 18) of the error. */
    @ParameterizedTest
    @CsvSource({"60, 40", "40, 60", "40, 40"})
    void randomizedSvdFindsTheLeadingTriples(int m, int n) {
        double[] s = new double[30];
        Arrays.setAll(s, i -> 3 * Math.pow(0.5, i));
        Tensor a = withSpectrum(m, n, s);
        LinearAlgebra.Svd svd = LinearAlgebra.randomizedSvd(a, 5, 4, 6, 1);
        assertThat(svd.u().shape()).isEqualTo(Shape.of(m, 5));
        assertThat(svd.vt().shape()).isEqualTo(Shape.of(5, n));
        for (int i = 0; i < 5; i++) {
            assertThat(svd.s().toDoubles()[i]).isCloseTo(s[i], within(1e-13));
        }
        // A v_i = σ_i u_i
        Tensor av = a.matmul(false, svd.vt(), true);
        Tensor us = svd.u().times(svd.s().reshape(1, 5));
        assertThat(av.minus(us).norm()).isLessThan(1e-10);
        assertThat(FactorErrors.orthonormal(svd.u(), true)).isLessThan(EXACT);
        assertThat(FactorErrors.orthonormal(svd.vt(), false)).isLessThan(EXACT);
        assertThat(LinearAlgebra.randomizedSvd(a, 5, 4, 6, 1).s().toDoubles())
                .isEqualTo(svd.s().toDoubles());
    }

    @Test
    void randomizedSvdOfFewerRanksThanAskedFor() {
        Tensor a = withSpectrum(40, 50, 2, 1);
        LinearAlgebra.Svd svd = LinearAlgebra.randomizedSvd(a, 4, 3, 2, 1);
        assertThat(svd.error(a)).isLessThan(EXACT);
        assertThat(svd.s().toDoubles()[2]).isLessThan(1e-14);
        Tensor zero = Tensor.zeros(DType.F64, Shape.of(20, 30));
        assertThat(LinearAlgebra.randomizedSvd(zero, 3, 2, 1, 1).error(zero)).isLessThan(EXACT);
        Tensor small = normal(3, 5); // nothing left to choose from
        assertThat(LinearAlgebra.randomizedSvd(small, 3, 10, 0, 1).error(small)).isLessThan(EXACT);
    }

    @Test
    void refusesWhatCannotBeFactorised() {
        Tensor nan = normal(3, 4).times(Tensor.of(new double[] {1, 1, Double.NaN, 1}, 1, 4));
        Tensor infinite = Tensor.of(new double[] {1, 2, 3, 4, 5, Double.NEGATIVE_INFINITY}, 3, 2);
        refused(() -> LinearAlgebra.svd(nan), "svd: the matrix is not finite: NaN in row 0, column 2 of shape [3, 4]");
        refused(() -> LinearAlgebra.lq(nan), "lq: the matrix is not finite: NaN in row 0, column 2 of shape [3, 4]");
        refused(
                () -> LinearAlgebra.qr(infinite),
                "qr: the matrix is not finite: -Infinity in row 2, column 1 of shape [3, 2]");
        refused(
                () -> LinearAlgebra.randomizedSvd(infinite, 1, 0, 0, 0),
                "randomizedSvd: the matrix is not finite: -Infinity in row 2, column 1 of shape [3, 2]");
        refused(() -> LinearAlgebra.svd(normal(0, 3)), "svd: an empty matrix has no factors, shape is [0, 3]");
        refused(() -> LinearAlgebra.qr(normal(3, 0)), "qr: an empty matrix has no factors, shape is [3, 0]");
        refused(() -> LinearAlgebra.svd(normal(0, 2, 3)), "svd: an empty matrix has no factors, shape is [0, 2, 3]");
        refused(() -> LinearAlgebra.svd(normal(3)), "svd: a matrix needed, shape is [3]");
        refused(() -> LinearAlgebra.svd(Tensor.of(new long[] {1, 2}, 1, 2)), "svd: F32 or F64 needed, not I64");
        refused(
                () -> LinearAlgebra.qr(normal(2, 3)),
                "qr: at least as many rows as columns needed, shape is [2, 3]; lq takes wide matrices");
        refused(
                () -> LinearAlgebra.lq(normal(3, 2)),
                "lq: at most as many rows as columns needed, shape is [3, 2]; qr takes tall matrices");
        refused(
                () -> LinearAlgebra.randomizedSvd(normal(5, 6), 6, 0, 1, 0),
                "randomizedSvd: rank 1 to 5, oversample and iterations at least 0 needed for shape [5, 6], not 6, 0 and 1");
        refused(
                () -> LinearAlgebra.randomizedSvd(normal(2, 5, 6), 1, 0, 1, 0),
                "randomizedSvd: one matrix needed, shape is [2, 5, 6]");
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void leavesNothingBehindInAScope() {
        Device cpu = Device.cpu();
        try (Scope _ = Scope.open()) {
            Tensor a = normal(9, 4);
            long before = cpu.liveBytes();
            LinearAlgebra.Svd svd = LinearAlgebra.svd(a);
            svd.u().close();
            svd.s().close();
            svd.vt().close();
            LinearAlgebra.Qr qr = LinearAlgebra.qr(a);
            qr.q().close();
            qr.r().close();
            assertThat(cpu.liveBytes()).isEqualTo(before);
        }
    }
}
