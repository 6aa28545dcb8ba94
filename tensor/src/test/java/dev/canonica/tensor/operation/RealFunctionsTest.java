package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;

class RealFunctionsTest {
    private static final double INF = Double.POSITIVE_INFINITY;

    /** Values of PyTorch's double precision. */
    @Test
    void erf() {
        Tensor x = Tensor.of(new double[] {0, 1e-4, -0.3, 0.5, 0.7, -2.5, 6, INF, -INF, Double.NaN}, 10);
        double[] y = {
            0,
            0.00011283791633342487,
            -0.3286267594591274,
            0.5204998778130465,
            0.6778011938374184,
            -0.999593047982555,
            1,
            1,
            -1
        };
        double[] ours = RealFunctions.erf(x).toDoubles();
        for (int i = 0; i < y.length; i++) {
            assertThat(ours[i]).as("number %d", i).isCloseTo(y[i], within(1e-15 * Math.abs(y[i])));
        }
        assertThat(ours[9]).isNaN();
    }

    /** Near 0, where 2 Φ − 1 would lose all digits, F32 is right to its last. */
    @Test
    void erfOfSmallFloatsKeepsTheirDigits() {
        float x = 1e-5f;
        float y = RealFunctions.erf(Tensor.of(new float[] {x}, 1)).toFloats()[0];
        assertThat(y).isCloseTo((float) (2 / Math.sqrt(Math.PI) * x), within(Math.ulp(y)));
    }

    @Test
    void powersAreThoseOfJava() {
        double[] x = {0.5, 2, -3, 0, 1e-3, 7, -0.25};
        for (double p : new double[] {0, 1, 2, 3, 10, -1, -2, -7, 0.5, 2.5, -1.5}) {
            double[] y = RealFunctions.pow(Tensor.of(x, x.length), p).toDoubles();
            float[] narrow =
                    RealFunctions.pow(Tensor.of(x, x.length).to(DType.F32), p).toFloats();
            for (int i = 0; i < x.length; i++) {
                double exact = Math.pow(x[i], p);
                if (Double.isFinite(exact)) {
                    assertThat(y[i]).as("%s^%s", x[i], p).isCloseTo(exact, within(1e-14 * Math.abs(exact)));
                    double single = Math.pow((float) x[i], p);
                    assertThat((double) narrow[i])
                            .as("%s^%s in F32", x[i], p)
                            .isCloseTo(single, within(1.3e-7 * Math.abs(single)));
                } else {
                    assertThat(y[i]).as("%s^%s", x[i], p).isEqualTo(Double.valueOf(exact));
                }
            }
        }
    }

    /** Beyond the powers that are products: the sign is the parity's. */
    @Test
    void greatWholePowersOfNegativeNumbers() {
        double[] x = {-1, 1, -1.001, 1.001, 0, -0.0, -0.999, Double.NaN, Double.NEGATIVE_INFINITY};
        for (double p : new double[] {1025, 1026, -1025, -1026, 0x1p60}) {
            double[] y = RealFunctions.pow(Tensor.of(x, x.length), p).toDoubles();
            for (int i = 0; i < x.length; i++) {
                double exact = Math.pow(x[i], p);
                if (Double.isFinite(exact)) {
                    assertThat(y[i]).as("%s^%s", x[i], p).isCloseTo(exact, within(1e-12 * Math.abs(exact)));
                } else {
                    assertThat(y[i]).as("%s^%s", x[i], p).isEqualTo(Double.valueOf(exact));
                }
            }
        }
        assertThat(RealFunctions.pow(Tensor.of(new double[] {-2}, 1), 1024.5).item())
                .isNaN();
    }

    @Test
    void powersOfPairs() {
        Tensor x = Tensor.of(new double[] {2, 0, 0, 3, -1}, 5);
        Tensor y = Tensor.of(new double[] {3, 2, 0, -1, 0}, 5);
        double[] z = RealFunctions.pow(x, y).toDoubles();
        double[] exact = {8, 0, 1, 1 / 3.0, 1};
        for (int i = 0; i < z.length; i++) {
            assertThat(z[i]).isCloseTo(exact[i], within(1e-14));
        }
    }

    /** Every base with every exponent, as Java has it: negative bases to whole powers, and to others NaN. */
    @Test
    void powersOfPairsAreThoseOfJava() {
        double[] x = {-2, -1, -0.25, -0.0, 0, 0.5, 1, 1.001, 3, 7, Double.POSITIVE_INFINITY, Double.NaN};
        double[] y = {0, 1, 2, 3, -1, -2, -3, 10, 0.5, -1.5, 2.5, 1024, 1025, -1025, 1026, 0x1p60, Double.NaN};
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            double[] z = RealFunctions.pow(
                            Tensor.of(x, x.length, 1).to(type),
                            Tensor.of(y, y.length).to(type))
                    .to(DType.F64)
                    .toDoubles();
            for (int i = 0; i < z.length; i++) {
                double base = type == DType.F32 ? (float) x[i / y.length] : x[i / y.length];
                double exact = Math.pow(base, y[i % y.length]);
                double expected = type == DType.F32 ? (float) exact : exact;
                double error = type == DType.F32 ? 1.3e-7 : 1e-12;
                if (Double.isFinite(expected)) {
                    assertThat(z[i])
                            .as("%s^%s in %s", base, y[i % y.length], type)
                            .isCloseTo(
                                    expected, within(error * Math.abs(expected) + (type == DType.F32 ? 0x1p-149 : 0)));
                } else {
                    assertThat(z[i])
                            .as("%s^%s in %s", base, y[i % y.length], type)
                            .isEqualTo(Double.valueOf(expected));
                }
            }
        }
        assertThat(RealFunctions.pow(Tensor.of(new double[] {-2, 3, -3}, 3), Tensor.of(new double[] {3, 4, -1}, 3))
                        .toDoubles())
                .containsExactly(-8, 81, 1 / -3.0);
    }
}
