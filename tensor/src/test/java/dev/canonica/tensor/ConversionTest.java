package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConversionTest {
    private static double[] through(DType type, double... values) {
        return Tensor.of(values, values.length).to(type).toDoubles();
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void smallWholeNumbersSurviveEveryPair(DType from) {
        Tensor x = Tensor.of(new double[] {0, 1, 1, 0, 1}, 5).to(from);
        assertThat(x.to(from)).isSameAs(x);
        for (DType to : DType.values()) {
            Tensor y = x.to(to);
            assertThat(y.dtype()).isEqualTo(to);
            assertThat(y.toDoubles()).containsExactly(0, 1, 1, 0, 1);
            assertThat(y.toFloats()).containsExactly(0, 1, 1, 0, 1);
            if (!to.isFloating()) {
                assertThat(y.toLongs()).containsExactly(0, 1, 1, 0, 1);
            }
        }
    }

    @Test
    void everyHalfAndEveryBfloatSurvives() {
        float[] halves = new float[1 << 16];
        float[] bfloats = new float[1 << 16];
        for (int i = 0; i < 1 << 16; i++) {
            halves[i] = Float.float16ToFloat((short) i);
            bfloats[i] = Float.intBitsToFloat(i << 16);
        }
        assertThat(Tensor.of(halves, 1 << 16).to(DType.F16).toFloats()).isEqualTo(halves);
        assertThat(Tensor.of(bfloats, 1 << 16).to(DType.BF16).toFloats()).isEqualTo(bfloats);
    }

    @Test
    void roundsToTheNearestHalfTiesToEven() {
        double ulp = 0x1p-10;
        assertThat(through(
                        DType.F16,
                        1 + ulp / 2,
                        1 + 1.5 * ulp,
                        1 + ulp / 2 + 0x1p-23,
                        65519,
                        65520,
                        0x1p-25,
                        0x1.000002p-25,
                        -0.0))
                .containsExactly(1, 1 + 2 * ulp, 1 + ulp, 65504, Double.POSITIVE_INFINITY, 0, 0x1p-24, -0.0);
    }

    @Test
    void roundsToTheNearestBfloatTiesToEven() {
        double ulp = 0x1p-7;
        assertThat(through(
                        DType.BF16,
                        1 + ulp / 2,
                        1 + 1.5 * ulp,
                        1 + ulp / 2 + 0x1p-23,
                        -1 - ulp / 2,
                        Float.MAX_VALUE,
                        Float.NEGATIVE_INFINITY))
                .containsExactly(1, 1 + 2 * ulp, 1 + ulp, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
        assertThat(Tensor.of(
                                new float[] {
                                    Float.NaN, Float.intBitsToFloat(0x7f800001), Float.intBitsToFloat(0xffffffff)
                                },
                                3)
                        .to(DType.BF16)
                        .toFloats())
                .containsOnly(Float.NaN);
    }

    /** By way of a float, each of these would be a tie and go to the even neighbour. */
    @Test
    void roundsDoublesOnce() {
        double half = 0x1p-11;
        assertThat(through(DType.F16, 1 + half + 0x1p-40, 1 + 3 * half - 0x1p-40, -1 - half - 0x1p-40))
                .containsExactly(1 + 2 * half, 1 + 2 * half, -1 - 2 * half);
        double b = 0x1p-8;
        assertThat(through(DType.BF16, 1 + b + 0x1p-40, 1 + 3 * b - 0x1p-40, -1 - b - 0x1p-40))
                .containsExactly(1 + 2 * b, 1 + 2 * b, -1 - 2 * b);
        assertThat(through(DType.F16, 1e300, -1e300, 1e-300, Double.NaN))
                .containsExactly(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, Double.NaN);
        assertThat(through(DType.BF16, 1e300, -1e300, 1e-300, Double.NaN))
                .containsExactly(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, Double.NaN);
        assertThat(through(DType.F32, 1 + 0x1p-24, 1e300)).containsExactly(1, Double.POSITIVE_INFINITY);
    }

    @Test
    void truncatesToIntegers() {
        assertThat(through(DType.I64, 2.7, -2.7, 1e15, -0.3)).containsExactly(2, -2, 1e15, 0);
        assertThat(through(DType.I32, 2.7, -2.7, 2147483647)).containsExactly(2, -2, 2147483647);
        assertThat(through(DType.U8, 2.7, 255, 128)).containsExactly(2, 255, 128);
        assertThat(through(DType.BOOL, 0.5, -1, 0, Double.NaN, 256, -0.0)).containsExactly(1, 1, 0, 1, 1, 0);
        assertThat(Tensor.of(new long[] {256, 0, -1}, 3).to(DType.BOOL).toLongs())
                .containsExactly(1, 0, 1);
    }

    @Test
    void keepsLargeIntegersExact() {
        long big = (1L << 62) + 1;
        assertThat(Tensor.of(new long[] {big, -big}, 2).to(DType.I64).toLongs()).containsExactly(big, -big);
        assertThat(Tensor.of(new byte[] {-1, 127, 0}, 3).toLongs()).containsExactly(255, 127, 0);
        assertThat(Tensor.of(new byte[] {-1}, 1).to(DType.I32).toLongs()).containsExactly(255);
    }
}
