package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;

class MasksTest {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final Tensor X = Tensor.of(new float[] {1, 2, NAN, INF, -INF, 0f, 1e-45f, INF}, 8);
    private static final Tensor Y = Tensor.of(new float[] {2, 2, NAN, INF, -INF, -0f, 0, NAN}, 8);

    /** As Java's own operators, which are IEEE 754's. */
    @Test
    void comparisonsAreThoseOfTheStandard() {
        float[] x = X.toFloats();
        float[] y = Y.toFloats();
        for (int i = 0; i < x.length; i++) {
            assertThat(Masks.less(X, Y).toFloats()[i]).as("less %d", i).isEqualTo(x[i] < y[i] ? 1 : 0);
            assertThat(Masks.greater(X, Y).toFloats()[i]).as("greater %d", i).isEqualTo(x[i] > y[i] ? 1 : 0);
            assertThat(Masks.lessOrEqual(X, Y).toFloats()[i])
                    .as("lessOrEqual %d", i)
                    .isEqualTo(x[i] <= y[i] ? 1 : 0);
            assertThat(Masks.greaterOrEqual(X, Y).toFloats()[i])
                    .as("greaterOrEqual %d", i)
                    .isEqualTo(x[i] >= y[i] ? 1 : 0);
            assertThat(Masks.equal(X, Y).toFloats()[i]).as("equal %d", i).isEqualTo(x[i] == y[i] ? 1 : 0);
            assertThat(Masks.notEqual(X, Y).toFloats()[i]).as("notEqual %d", i).isEqualTo(x[i] != y[i] ? 1 : 0);
            assertThat(Masks.isNaN(X).toFloats()[i]).as("isNaN %d", i).isEqualTo(Float.isNaN(x[i]) ? 1 : 0);
        }
    }

    @Test
    void whatIsNotChosenLeavesNoTrace() {
        Tensor mask = Tensor.of(new byte[] {1, 0}, 2);
        Tensor x = Tensor.of(new float[] {3, NAN}, 2);
        Tensor y = Tensor.of(new float[] {INF, 4}, 2);
        assertThat(Masks.where(mask, x, y).toFloats()).containsExactly(3, 4);
    }

    @Test
    void operandsBroadcast() {
        Tensor column = Tensor.of(new float[] {1, 2}, 2, 1);
        Tensor row = Tensor.of(new float[] {1, 2, 3}, 3);
        assertThat(Masks.less(column, row).toFloats()).containsExactly(0, 1, 1, 0, 0, 1);
    }
}
