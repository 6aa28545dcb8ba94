package dev.canonica.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.cuda.emulator.EmulatedDriver;
import dev.canonica.cuda.library.Cusolver;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.LinearAlgebra;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Factorisations on the device beside the processor's. */
class CusolverTest {
    private final CudaDevice cuda = Emulated.device();

    @BeforeEach
    void needsTheLibrary() {
        Assumptions.assumeTrue(LinearAlgebra.isOwnOf(cuda), "cuSOLVER is not here");
    }

    private static Tensor normal(int... dims) {
        return Tensor.normal(DType.F64, Shape.of(dims), new Philox(7));
    }

    private static Tensor withSpectrum(int m, int n, double... s) {
        Tensor u = LinearAlgebra.qr(normal(m, s.length)).q();
        Tensor v = LinearAlgebra.qr(normal(n, s.length)).q();
        return u.times(Tensor.of(s, 1, s.length)).matmul(false, v, true);
    }

    private static double tolerance(DType type) {
        return type == DType.F64 ? 1e-13 : 2e-5;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 1", "1, 7", "17, 5", "5, 17", "33, 33", "200, 12", "12, 200", "65, 63"})
    void factorsAreThoseOfTheProcessor(int m, int n) {
        compare(normal(m, n));
    }

    /** Leading axes; small matrices, which go together, and others, which do not. */
    @ParameterizedTest
    @CsvSource({"7, 5", "5, 7", "32, 32", "33, 3"})
    void matricesOfABatch(int m, int n) {
        compare(normal(3, 2, m, n));
    }

    private void compare(Tensor inDouble) {
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Tensor a = inDouble.to(type);
            Tensor there = a.to(cuda);
            double tolerance = tolerance(type);
            int m = a.dim(-2);
            int n = a.dim(-1);
            if (m >= n) {
                LinearAlgebra.Qr qr = LinearAlgebra.qr(there);
                assertThat(qr.q().device()).isEqualTo(cuda);
                assertThat(qr.error(there)).isLessThan(tolerance);
                close(qr.r(), LinearAlgebra.qr(a).r(), 10 * tolerance);
            } else {
                LinearAlgebra.Lq lq = LinearAlgebra.lq(there);
                assertThat(lq.error(there)).isLessThan(tolerance);
                close(lq.l(), LinearAlgebra.lq(a).l(), 10 * tolerance);
            }
            LinearAlgebra.Svd svd = LinearAlgebra.svd(there);
            LinearAlgebra.Svd host = LinearAlgebra.svd(a);
            assertThat(svd.u().shape()).isEqualTo(host.u().shape());
            assertThat(svd.vt().shape()).isEqualTo(host.vt().shape());
            assertThat(svd.u().device()).isEqualTo(cuda);
            assertThat(svd.error(there)).isLessThan(tolerance);
            close(svd.s(), host.s(), 10 * tolerance);
        }
    }

    private static void close(Tensor actual, Tensor expected, double tolerance) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.dtype()).isEqualTo(expected.dtype());
        double[] x = actual.toDoubles();
        double[] y = expected.toDoubles();
        for (int i = 0; i < x.length; i++) {
            assertThat(x[i]).as("element %d", i).isCloseTo(y[i], within(tolerance));
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
    @Tag("emulator")
    void inEveryMode(Emulated.Mode mode) {
        try (EmulatedDriver _ = mode.begin()) {
            compare(normal(17, 5));
            compare(normal(2, 5, 9));
            Tensor a = withSpectrum(20, 30, 4, 2, 1, 0.5).to(cuda);
            assertThat(LinearAlgebra.randomizedSvd(a, 4, 3, 2, 1).error(a)).isLessThan(1e-12);
        }
    }

    /** By gesvd, which takes over where gesvdj cannot be called or does not converge. */
    @ParameterizedTest
    @CsvSource({"17, 5", "5, 17", "9, 9", "1, 7", "7, 1"})
    void withoutJacobi(int m, int n) {
        Cusolver solver = new Cusolver(cuda, solver().routines(), false);
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Tensor a = normal(2, m, n).to(type);
            LinearAlgebra.Svd svd = solver.svd(a.to(cuda));
            assertThat(svd.error(a.to(cuda))).isLessThan(tolerance(type));
            close(svd.s(), LinearAlgebra.svd(a).s(), 10 * tolerance(type));
        }
    }

    private Cusolver solver() {
        Cusolver solver = cuda.factorisations();
        if (solver == null) {
            throw new AssertionError("cuSOLVER is gone");
        }
        return solver;
    }

    @Test
    void whatJcusolverGetsWrongIsRepaired() {
        assertThat(solver().routines().hasJacobi()).isTrue();
        assertThat(solver().routines().hasGesvdr()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void singularValuesAreThoseOfTheSpectrum(boolean wide) {
        double[][] spectra = {
            {9, 4, 1, 0.5, 0.1}, {2, 2, 2, 2, 2}, {1, 1e-4, 1e-8, 1e-12, 1e-15}, {5, 3, 0, 0, 0},
        };
        for (double[] s : spectra) {
            Tensor a = (wide ? withSpectrum(9, 31, s) : withSpectrum(31, 9, s)).to(cuda);
            LinearAlgebra.Svd svd = LinearAlgebra.svd(a);
            assertThat(svd.error(a)).as(Arrays.toString(s)).isLessThan(1e-13);
            for (int i = 0; i < 9; i++) {
                assertThat(svd.s().toDoubles()[i]).isCloseTo(i < 5 ? s[i] : 0, within(1e-13));
            }
        }
    }

    @Test
    void rankDeficientMatricesHaveOrthonormalFactors() {
        Tensor zero = Tensor.zeros(cuda, DType.F64, Shape.of(7, 4));
        assertThat(LinearAlgebra.qr(zero).error(zero)).isZero();
        assertThat(LinearAlgebra.svd(zero).error(zero)).isLessThan(1e-13);
        Tensor a = Tensor.of(new double[] {1, 2, 0, 0, 1, 0, 1, 1, 3, 0, 1, 3, 3, 3, 1, 0, 0, 0, 0, 0}, 4, 5)
                .to(cuda);
        LinearAlgebra.Lq lq = LinearAlgebra.lq(a);
        assertThat(lq.error(a)).isLessThan(1e-13);
        double[] l = lq.l().toDoubles();
        assertThat(l[5]).isGreaterThan(1);
        assertThat(l[15]).isCloseTo(0, within(1e-14));
        assertThat(LinearAlgebra.svd(a).error(a)).isLessThan(1e-13);
    }

    @ParameterizedTest
    @CsvSource({"60, 40", "40, 60"})
    void randomizedSvdFindsTheLeadingTriples(int m, int n) {
        double[] s = new double[30];
        Arrays.setAll(s, i -> 3 * Math.pow(0.5, i));
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Tensor a = withSpectrum(m, n, s).to(type).to(cuda);
            LinearAlgebra.Svd svd = LinearAlgebra.randomizedSvd(a, 5, 4, 6, 1);
            assertThat(svd.u().shape()).isEqualTo(Shape.of(m, 5));
            assertThat(svd.vt().shape()).isEqualTo(Shape.of(5, n));
            for (int i = 0; i < 5; i++) {
                assertThat(svd.s().toDoubles()[i]).isCloseTo(s[i], within(10 * tolerance(type)));
            }
            Tensor av = a.matmul(false, svd.vt(), true);
            assertThat(av.minus(svd.u().times(svd.s().reshape(1, 5))).norm())
                    .isLessThan(type == DType.F64 ? 1e-10 : 1e-4);
        }
    }

    @Test
    void refusesWhatIsNotFinite() {
        Tensor a = normal(3, 2)
                .times(Tensor.of(new double[] {1, Double.NaN}, 1, 2))
                .to(cuda);
        assertThatThrownBy(() -> LinearAlgebra.svd(a))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("svd: the matrix is not finite: NaN in row 0, column 1 of shape [3, 2]");
        assertThatThrownBy(() -> LinearAlgebra.qr(a))
                .hasMessage("qr: the matrix is not finite: NaN in row 0, column 1 of shape [3, 2]");
    }

    @Test
    void holdsNothingBeyondItsResults() {
        Tensor a = normal(40, 9).to(cuda);
        LinearAlgebra.svd(a);
        try (Scope _ = Scope.open()) {
            long before = cuda.liveBytes();
            try (Scope _ = Scope.open()) {
                LinearAlgebra.svd(a);
                LinearAlgebra.qr(a);
                LinearAlgebra.randomizedSvd(a, 3, 2, 1, 0);
            }
            assertThat(cuda.liveBytes()).isEqualTo(before);
        }
    }

    @Test
    void isLeftOutWhereItIsNotWanted() {
        System.setProperty("canonica.cuda.cusolver", "false");
        try {
            assertThat(Cusolver.open(cuda, cuda.context())).isNull();
        } finally {
            System.clearProperty("canonica.cuda.cusolver");
        }
        assertThat(LinearAlgebra.isOwnOf(Device.cpu())).isFalse();
    }
}
