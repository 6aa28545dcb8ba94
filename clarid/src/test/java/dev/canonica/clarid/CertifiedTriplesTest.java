package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.clarid.RandomizedSvd.Triples;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is called certified is right to the tolerance, however small its singular value is beside the first: on maps whose triples are known. */
class CertifiedTriplesTest {
    private static final double TOLERANCE = 1e-3;

    /** Name, singular values, n, how many have to be certified in F64, and in F32. */
    static Stream<Arguments> diagonals() {
        return Stream.of(
                Arguments.of("1/i", of(1000, i -> 1.0 / i), 10, 10, 10),
                Arguments.of("1/i²", of(1000, i -> 1.0 / (i * i)), 10, 10, 10),
                Arguments.of("1/i², many", of(1000, i -> 1.0 / (i * i)), 30, 30, 30),
                Arguments.of("2^-i", of(400, i -> Math.pow(2, -i)), 10, 10, 10),
                Arguments.of("2^-i, below all rounding", of(400, i -> Math.pow(2, -i)), 40, 12, 3),
                Arguments.of("one large", of(500, i -> i == 1 ? 1 : 0.03 * Math.pow(0.97, i - 1)), 10, 10, 10),
                Arguments.of("flat", of(200, i -> 1), 10, 10, 10),
                Arguments.of("rank 3", of(60, i -> i <= 3 ? 1.0 / i : 0), 6, 3, 3),
                Arguments.of("rank 1", of(60, i -> i == 1 ? 3 : 0), 5, 1, 1),
                Arguments.of("zero", of(60, i -> 0), 3, 3, 3),
                Arguments.of("all of the space", of(8, i -> 9 - i), 8, 8, 8),
                Arguments.of("small numbers", of(60, i -> 1e-25 * Math.pow(0.7, i)), 5, 5, 5),
                Arguments.of("large numbers", of(60, i -> 1e25 * Math.pow(0.7, i)), 5, 5, 5),
                Arguments.of("near the least of F32", of(60, i -> 2e-36 * Math.pow(0.7, i)), 5, 5, 5),
                Arguments.of("near the greatest of F32", of(60, i -> 4e38 * Math.pow(0.7, i)), 5, 5, 5));
    }

    private static double[] of(int n, IntToDoubleFunction f) {
        double[] s = new double[n];
        Arrays.setAll(s, i -> f.applyAsDouble(i + 1));
        return s;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("diagonals")
    void diagonalMaps(String name, double[] sigma, int n, int inDouble, int inSingle) {
        for (DType type : List.of(DType.F64, DType.F32)) {
            Triples t = RandomizedSvd.ofRank(n)
                    .solve(diagonal(sigma, type))
                    .samples()
                    .getFirst();
            int certified = t.certified(TOLERANCE);
            assertThat(certified)
                    .as(name + ", " + type)
                    .isGreaterThanOrEqualTo(type == DType.F64 ? inDouble : inSingle)
                    .isLessThanOrEqualTo(
                            sigma[0] == 0
                                    ? n
                                    : (int) Arrays.stream(sigma)
                                            .filter(s -> s > 0)
                                            .count());
            assertThat(t.converged(TOLERANCE)).isEqualTo(certified == n);
            for (int i = 0; i < certified; i++) {
                assertThat(t.sigma()[i])
                        .as(name + ", " + type + ", σ" + i)
                        .isCloseTo(sigma[i], within(TOLERANCE * sigma[i]));
                double lambda = sigma[i] * sigma[i];
                double residual = 0;
                for (int k = 0; k < sigma.length; k++) {
                    residual = Math.hypot(residual, (sigma[k] * sigma[k] - lambda) * t.v()[i][k]);
                }
                assertThat(residual).isLessThanOrEqualTo(4 * TOLERANCE * lambda);
            }
            spans(t.v(), sigma, certified);
        }
    }

    /** Vectors lie in the span of the first singular vectors, to the residual over the gap behind them (Davis and Kahan's theorem). */
    private static void spans(double[][] v, double[] sigma, int count) {
        if (count == 0 || count == sigma.length || sigma[count - 1] == sigma[count]) {
            return;
        }
        double last = sigma[count - 1] * sigma[count - 1];
        double sine = 4 * TOLERANCE * last / (last - sigma[count] * sigma[count]);
        for (int i = 0; i < count; i++) {
            double outside = 0;
            for (int k = count; k < sigma.length; k++) {
                outside = Math.hypot(outside, v[i][k]);
            }
            assertThat(outside).as("v" + i).isLessThanOrEqualTo(sine);
        }
    }

    private static LinearOperator diagonal(double[] sigma, DType type) {
        Tensor d = Tensor.of(sigma, sigma.length).to(type);
        Linearization f =
                Autodiff.linearize(x -> x.times(Var.constant(d)), Tensor.zeros(type, Shape.of(1, sigma.length)));
        return LinearOperator.jacobian(f, Shape.of(1, sigma.length));
    }

    /** Numbers of which double has no squares. */
    @ParameterizedTest
    @ValueSource(doubles = {1e-300, 1e-200, 1e-120, 1e120, 1e200, 1e300})
    void beyondSquares(double unit) {
        double[] sigma = of(60, i -> unit * Math.pow(0.7, i));
        Triples t = RandomizedSvd.ofRank(5)
                .solve(diagonal(sigma, DType.F64))
                .samples()
                .getFirst();
        assertThat(t.certified(TOLERANCE)).isEqualTo(5);
        Triples probed = new RandomizedSvd(58, 2, 20, TOLERANCE, 3, 0)
                .solve(diagonal(sigma, DType.F64))
                .samples()
                .getFirst();
        double norm = 0.7 * unit / Math.sqrt(1 - 0.7 * 0.7); // of the geometric series, but for 0.7⁶¹
        assertThat(probed.frobenius()).isCloseTo(norm, within(1e-6 * norm));
        assertThat(probed.bound()).isPositive().isLessThan(1e-6 * unit);
        for (int i = 0; i < 5; i++) {
            assertThat(t.sigma()[i]).isCloseTo(sigma[i], within(TOLERANCE * sigma[i]));
            assertThat(Math.abs(t.v()[i][i])).isCloseTo(1, within(1e-2));
        }
    }

    /** Full matrices in F32, whose products are rounded to parts of σ₁: small triples cannot be certified there, and are not called so. */
    @Test
    void fullMatricesInSingle() {
        double[] sigma = of(150, i -> 1.0 / (i * i));
        Triples t = RandomizedSvd.ofRank(30)
                .solve(new MatrixOperator(DType.F32, MatrixOperator.withSpectrum(150, 200, 3, sigma)))
                .samples()
                .getFirst();
        int certified = t.certified(TOLERANCE);
        assertThat(certified).isBetween(6, 29);
        for (int i = 0; i < certified; i++) {
            assertThat(t.sigma()[i]).isCloseTo(sigma[i], within(TOLERANCE * sigma[i]));
        }
        assertThat(t.sweeps()).isLessThan(20); // further ones would not help
        Triples exact = RandomizedSvd.ofRank(30)
                .solve(new MatrixOperator(DType.F64, MatrixOperator.withSpectrum(150, 200, 3, sigma)))
                .samples()
                .getFirst();
        assertThat(exact.converged(TOLERANCE)).isTrue();
    }

    /** Easy and hard maps in one batch: each is what it is alone, bit for bit. */
    @Test
    void aMapThatIsDoneIsLeftAlone() {
        double[] easy = of(50, i -> Math.pow(3, -i));
        double[] hard = of(50, i -> 1 - 0.001 * i);
        var a = MatrixOperator.withSpectrum(50, 70, 1, easy);
        var b = MatrixOperator.withSpectrum(50, 70, 2, hard);
        RandomizedSvd svd = new RandomizedSvd(3, 2, 20, 1e-3, 2, 5);
        RandomizedSvd.Result both = svd.solve(new MatrixOperator(DType.F64, a, b));
        Triples alone = svd.solve(new MatrixOperator(DType.F64, a)).samples().getFirst();
        Triples together = both.samples().getFirst();
        assertThat(together.sweeps()).isLessThan(both.sweeps());
        assertThat(together.v()).isDeepEqualTo(alone.v());
        assertThat(together.sigma()).isEqualTo(alone.sigma());
        assertThat(together.residual()).isEqualTo(alone.residual());
        assertThat(together.products()).isEqualTo(alone.products());
        assertThat(together.bound()).isEqualTo(alone.bound());
    }
}
