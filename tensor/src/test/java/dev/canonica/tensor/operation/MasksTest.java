package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.tensor.Device;
import dev.canonica.tensor.InSession;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MasksTest {
    @RegisterExtension
    private final InSession ownAccount = InSession.withOwnAccount();

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

    /** A mask is asked in its own type: 10⁻⁵⁰ is positive, though 0 in F32. */
    @Test
    void smallMasksAreNotRounded() {
        Tensor mask = Tensor.of(new double[] {1e-50, -1e-50, Double.NaN}, 3);
        Tensor x = Tensor.of(new float[] {1, 1, 1}, 3);
        assertThat(Masks.where(mask, x, x.times(2)).toFloats()).containsExactly(1, 2, 2);
        assertThat(Masks.positive(Tensor.of(new byte[] {1, 0, 2}, 3), x).toFloats())
                .containsExactly(1, 0, 1);
    }

    @Test
    void leaveNothingBehind() {
        Device cpu = Device.cpu();
        try (Scope _ = Scope.open()) {
            Tensor mask = Tensor.of(new byte[] {1, 0, 1, 0, 1, 0, 1, 0}, 8);
            long before = cpu.liveBytes();
            List<UnaryOperator<Tensor>> functions = List.of(
                    x -> Masks.equal(x, Y),
                    x -> Masks.notEqual(x, Y),
                    x -> Masks.greaterOrEqual(x, Y),
                    x -> Masks.less(x, Y),
                    Masks::isNaN,
                    x -> Masks.where(mask, x, Y),
                    x -> RealFunctions.erf(x),
                    x -> RealFunctions.pow(x, 7),
                    x -> RealFunctions.pow(x, 2.5),
                    x -> RealFunctions.pow(x, Y),
                    x -> Scans.cumulativeSum(x, 0),
                    x -> Ordering.argMax(x, 0),
                    x -> Ordering.argMin(x.reshape(2, 4), 0));
            for (int i = 0; i < functions.size(); i++) {
                functions.get(i).apply(X).close();
                assertThat(cpu.liveBytes()).as("function %d", i).isEqualTo(before);
            }
        }
    }

    @Test
    void operandsBroadcast() {
        Tensor column = Tensor.of(new float[] {1, 2}, 2, 1);
        Tensor row = Tensor.of(new float[] {1, 2, 3}, 3);
        assertThat(Masks.less(column, row).toFloats()).containsExactly(0, 1, 1, 0, 0, 1);
    }
}
