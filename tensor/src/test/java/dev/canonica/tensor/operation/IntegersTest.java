package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;

class IntegersTest {
    private static final Tensor X = Tensor.of(new long[] {7, -7, 0}, 3);

    private static Tensor column(long... values) {
        return Tensor.of(values, values.length, 1);
    }

    @Test
    void arithmeticBroadcastsAndRoundsDown() {
        assertThat(Integers.plus(X, column(1, 2)).toLongs()).containsExactly(8, -6, 1, 9, -5, 2);
        assertThat(Integers.minus(column(1, 2), X).toLongs()).containsExactly(-6, 8, 1, -5, 9, 2);
        assertThat(Integers.times(X, column(3)).shape()).isEqualTo(Shape.of(1, 3));
        assertThat(Integers.floorDivide(X, column(2, -2)).toLongs()).containsExactly(3, -4, 0, -4, 3, 0);
        assertThat(Integers.remainder(X, column(2, -2)).toLongs()).containsExactly(1, 1, 0, -1, -1, 0);
        assertThat(Integers.min(X, column(1)).toLongs()).containsExactly(1, -7, 0);
        assertThat(Integers.max(X, column(1)).toLongs()).containsExactly(7, 1, 1);
        assertThat(Integers.less(X, column(0)).toLongs()).containsExactly(0, 1, 0);
        assertThat(Integers.equal(X, Tensor.of(new byte[] {7, 7, 0}, 3)).toLongs())
                .containsExactly(1, 0, 1);
        assertThat(Integers.plus(X, Tensor.of(new long[0], 0, 1)).shape()).isEqualTo(Shape.of(0, 3));
    }

    @Test
    void rangesAndRows() {
        assertThat(Integers.range(3).toLongs()).containsExactly(0, 1, 2);
        Tensor rows = Integers.oneHot(column(1, 0), 3, DType.F32);
        assertThat(rows.shape()).isEqualTo(Shape.of(2, 1, 3));
        assertThat(rows.toFloats()).containsExactly(0, 1, 0, 1, 0, 0);
    }

    @Test
    void refuses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Integers.plus(X, Tensor.of(new float[] {1}, 1)))
                .withMessage("plus: integers needed, not Tensor[3] I64 and Tensor[1] F32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Integers.times(X, Tensor.of(new long[2], 2)))
                .withMessage("times: shapes do not broadcast: [3] and [2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Integers.oneHot(X, 3, DType.F32))
                .withMessage("oneHot: label 7 does not lie in [0, 3)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Integers.oneHot(X, -1, DType.F32))
                .withMessage("oneHot: -1 classes");
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> Integers.plus(column(Long.MAX_VALUE), column(1)));
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> Integers.remainder(X, column(0)));
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> Integers.floorDivide(column(Long.MIN_VALUE), column(-1)));
    }
}
