package dev.canonica.cadistill.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Alignment, its push and its pull where kernels are near 1, rows near each other or far from all others: beside the same with 80 digits. */
class CkaDigitsTest {
    private static final int N = 5;
    private static final Tensor X = Tensor.normal(DType.F64, Shape.of(N, 3), new Philox(1));
    private static final Tensor Y = Tensor.normal(DType.F64, Shape.of(N, 2), new Philox(2));

    /** Below 2^−53 of the distances' square, the value is the linear kernels' to the last digit. */
    @ParameterizedTest
    @ValueSource(doubles = {1e8, 1e9, 1e20, 1e100, 1e153, 1e160, 1e300})
    void bandwidthsFarAboveTheDistancesGiveTheLinearKernel(double sigma) {
        BinaryOperator<Var> rbf = (a, b) -> Cka.rbf(a, b, sigma);
        assertThat(value(rbf, X, Y)).isCloseTo(value(Cka::linear, X, Y), within(1e-14));
        assertThat(gradient(rbf, X, Y)).containsExactly(gradient(Cka::linear, X, Y), within(1e-14));
        Linearization pushed = Autodiff.linearize(v -> rbf.apply(v, Var.constant(Y)), X);
        Tensor direction = Tensor.normal(DType.F64, Shape.of(N, 3), new Philox(3));
        double[] g = gradient(Cka::linear, X, Y);
        double[] v = direction.toDoubles();
        double expected = 0;
        for (int i = 0; i < g.length; i++) {
            expected += g[i] * v[i];
        }
        assertThat(pushed.push(direction.reshape(1, N, 3)).item()).isCloseTo(expected, within(1e-14));
    }

    /** Features 10^x as large under a bandwidth. */
    @ParameterizedTest
    @CsvSource({
        "1, 0.3",
        "1, 3",
        "1, 1e3",
        "1, 1e5",
        "1, 1e7",
        "1e-4, 1",
        "1e-9, 1",
        "1e-9, 3e-9",
        "1e-160, 1e-155",
        "1e100, 1e104"
    })
    void isRightForEveryBandwidth(double scale, double sigma) {
        Tensor x = X.times(scale);
        Tensor y = Y.times(scale);
        check(x, y, sigma, 1e-12);
    }

    /** Two rows near each other and far from all others, under a bandwidth of their own distance. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 1e-6, 1e-9})
    void nearRowsKeepTheirDistance(double near) {
        check(pair(X, near), pair(Y, near), near, 1e-6);
    }

    private static Tensor pair(Tensor x, double near) {
        double[] v = x.toDoubles();
        int d = x.dim(1);
        for (int k = 0; k < d; k++) {
            v[d + k] = v[k] + near * (k + 0.5);
        }
        return Tensor.of(v, x.shape().dims());
    }

    private static void check(Tensor x, Tensor y, double sigma, double close) {
        BinaryOperator<Var> rbf = (a, b) -> Cka.rbf(a, b, sigma);
        BigDecimal[][] xs = exact(x);
        BigDecimal[][] ys = exact(y);
        assertThat(value(rbf, x, y)).isCloseTo(Digits.rbf(xs, ys, sigma).doubleValue(), within(close));
        double[] g = gradient(rbf, x, y);
        double[] expected = new double[g.length];
        double greatest = 0;
        BigDecimal h = new BigDecimal(Math.min(sigma, x.norm())).scaleByPowerOfTen(-15);
        for (int i = 0; i < g.length; i++) {
            int row = i / x.dim(1);
            int column = i % x.dim(1);
            BigDecimal at = xs[row][column];
            xs[row][column] = at.add(h);
            BigDecimal above = Digits.rbf(xs, ys, sigma);
            xs[row][column] = at.subtract(h);
            expected[i] = above.subtract(Digits.rbf(xs, ys, sigma))
                    .divide(h.add(h), MathContext.DECIMAL64)
                    .doubleValue();
            xs[row][column] = at;
            greatest = Math.max(greatest, Math.abs(expected[i]));
        }
        assertThat(g).containsExactly(expected, within(Math.max(10 * close, 1e-11) * greatest));
    }

    /** F32 has the distances to seven digits, and the sums in double. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 1e-2, 1e-4, 1e-6})
    void singles(double scale) {
        Tensor x = X.times(scale).to(DType.F32);
        Tensor y = Y.times(scale).to(DType.F32);
        double expected =
                Digits.rbf(exact(x.to(DType.F64)), exact(y.to(DType.F64)), 1).doubleValue();
        assertThat(value((a, b) -> Cka.rbf(a, b, 1), x, y)).isCloseTo(expected, within(1e-6));
    }

    /** Of y only a row and itself are near: the kernel is 1 on the diagonal and 0 beside it, and stays so, although its slope there is beyond the range of F32. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 1e-18, 1e-22, 1e-30})
    void bandwidthsFarBelowTheDistancesOfOneSide(double sigma) {
        BinaryOperator<Var> rbf = (y, x) -> Cka.rbf(x, y, sigma);
        Tensor x = X.times(sigma);
        double expected = value(rbf, Y, x);
        assertThat(expected).isBetween(0.1, 0.99);
        for (DType type : List.of(DType.F32, DType.F64)) {
            assertThat(value(rbf, Y.to(type), x.to(type))).isCloseTo(expected, within(1e-6));
            assertThat(gradient(rbf, Y.to(type), x.to(type))).containsOnly(0);
        }
    }

    /** A sample so far from the others that the median of the squared distances is below the normal numbers of F32, or below all. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-18, 1e-20, 1e-23})
    void mediansFarBelowTheGreatestDistance(double near) {
        Tensor x = Tensor.concatenate(0, X.times(near), Tensor.full(DType.F64, Shape.of(1, 3), 1));
        Tensor y = Tensor.concatenate(0, Y, Tensor.full(DType.F64, Shape.of(1, 2), 1));
        BinaryOperator<Var> rbf = (a, b) -> Cka.rbf(a, b, Cka.Bandwidth.MEDIAN_OF_PAIRS, false);
        assertThat(value(rbf, x.to(DType.F32), y.to(DType.F32))).isCloseTo(value(rbf, x, y), within(1e-6));
        double[] expected = gradient(rbf, x, y);
        double greatest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertThat(gradient(rbf, x.to(DType.F32), y.to(DType.F32))).containsExactly(expected, within(1e-5 * greatest));
    }

    /** Differences of some units in the last place of an offset are differences, not rounding: F32 has them exactly. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 1e-2, 5e-3, 1e-3})
    void singlesFarFromZero(double scale) {
        Tensor x = X.times(scale).plus(1e4).to(DType.F32);
        Tensor y = Y.to(DType.F32);
        for (BinaryOperator<Var> cka : List.<BinaryOperator<Var>>of(
                Cka::linear, Cka::unbiased, (a, b) -> Cka.rbf(a, b, Cka.Bandwidth.MEDIAN_OF_ALL, false))) {
            double expected = value(cka, x.to(DType.F64), y.to(DType.F64));
            assertThat(value(cka, x, y)).isNotZero().isCloseTo(expected, within(2e-6));
        }
    }

    /** One sample far from the others, which have all that is left of the unbiased estimate. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 1e2, 1e4, 1e6})
    void unbiasedOfAnOutlier(double far) {
        double expected =
                Digits.unbiased(exact(outlier(X, far)), exact(outlier(Y, far))).doubleValue();
        assertThat(value(Cka::unbiased, outlier(X, far), outlier(Y, far)))
                .isCloseTo(expected, within(1e-13 * far * far));
    }

    private static Tensor outlier(Tensor x, double far) {
        double[] v = x.toDoubles();
        v[0] *= far;
        return Tensor.of(v, x.shape().dims());
    }

    private static double value(BinaryOperator<Var> cka, Tensor x, Tensor y) {
        return cka.apply(Var.constant(x), Var.constant(y)).value().item();
    }

    private static double[] gradient(BinaryOperator<Var> cka, Tensor x, Tensor y) {
        return Autodiff.grad(v -> cka.apply(v.getFirst(), Var.constant(y)), List.of(x))
                .gradients()
                .getFirst()
                .toDoubles();
    }

    private static BigDecimal[][] exact(Tensor x) {
        double[] v = x.toDoubles();
        BigDecimal[][] rows = new BigDecimal[x.dim(0)][x.dim(1)];
        for (int i = 0; i < v.length; i++) {
            rows[i / x.dim(1)][i % x.dim(1)] = new BigDecimal(v[i]);
        }
        return rows;
    }

    /** Of rows at 0, 1 and 3 and at 0, 1 and 2, by a sum over the nine entries of each kernel in double. */
    @Test
    void theReferenceIsTheFormula() {
        BigDecimal[][] x = exact(Tensor.of(new double[] {0, 1, 3}, 3, 1));
        BigDecimal[][] y = exact(Tensor.of(new double[] {0, 1, 2}, 3, 1));
        assertThat(Digits.rbf(x, y, 1).doubleValue())
                .isCloseTo(plain(new double[] {0, 1, 3}, new double[] {0, 1, 2}), within(1e-14));
    }

    private static double plain(double[] x, double[] y) {
        return hsic(x, y) / Math.sqrt(hsic(x, x) * hsic(y, y));
    }

    private static double hsic(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                double centred = 0; // (H K H)[i, j]
                for (int a = 0; a < 3; a++) {
                    for (int b = 0; b < 3; b++) {
                        double h = ((i == a ? 1 : 0) - 1 / 3.0) * ((j == b ? 1 : 0) - 1 / 3.0);
                        centred += h * Math.exp(-(x[a] - x[b]) * (x[a] - x[b]) / 2);
                    }
                }
                sum += centred * Math.exp(-(y[i] - y[j]) * (y[i] - y[j]) / 2);
            }
        }
        return sum;
    }
}
