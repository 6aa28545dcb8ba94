package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not finite is found wherever it stands, and what is finite is not mistaken for it. */
class FiniteTest {
    private static Tensor holding(int n, int at, double value, DType dtype) {
        double[] x = new double[n];
        Arrays.setAll(x, i -> i % 17 - 8.5);
        x[at] = value;
        return Tensor.of(x, n).to(dtype);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "F16", "BF16"})
    void whereverItStands(DType dtype) {
        for (int n : new int[] {1, 7, 15, 33, 65}) {
            for (int at = 0; at < n; at++) {
                for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
                    assertThat(Finite.all(holding(n, at, bad, dtype)))
                            .as("%s at %d of %d", bad, at, n)
                            .isFalse();
                }
                assertThat(Finite.all(holding(n, at, 1, dtype))).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 262_143, 262_144, 600_000})
    void inATensorOfSeveralChunks(int at) {
        assertThat(Finite.all(holding(600_001, at, Double.NaN, DType.F32))).isFalse();
        assertThat(Finite.all(holding(600_001, at, 0, DType.F32))).isTrue();
    }

    @Test
    void theGreatestAndTheLeastNumbersAreFinite() {
        float[] x = {Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, -0f, 0, Float.MAX_VALUE};
        assertThat(Finite.all(Tensor.of(x, 2, 3))).isTrue();
        double[] y = {Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE};
        assertThat(Finite.all(Tensor.of(y, 3))).isTrue();
    }

    @Test
    void integersAndNothingAreFinite() {
        assertThat(Finite.all(Tensor.of(new long[] {Long.MAX_VALUE}, 1))).isTrue();
        assertThat(Finite.all(Tensor.of(new float[0], 3, 0))).isTrue();
        assertThat(Finite.all(Tensor.scalar(DType.F32, Double.NaN))).isFalse();
    }

    @Test
    void theMessageNamesTheFirst() {
        float[] x = {1, 2, 3, 4, Float.NaN, Float.NEGATIVE_INFINITY};
        assertThatThrownBy(() -> Finite.checked("latent", Tensor.of(x, 2, 3)))
                .isInstanceOf(NonFiniteException.class)
                .hasMessage("latent is NaN at [1, 1] (2 of 6 numbers are not finite)");
    }
}
