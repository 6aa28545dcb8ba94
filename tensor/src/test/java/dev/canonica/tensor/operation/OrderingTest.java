package dev.canonica.tensor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderingTest {
    private static final Tensor X = Tensor.of(new float[] {3, 1, Float.NaN, 2, 2, -1}, 2, 3);

    /** NaN is the greatest and the first of equals is taken, as PyTorch does. */
    @Test
    void greatestAndLeastWithNaNAndTies() {
        assertThat(Ordering.argMax(X, 1).toLongs()).containsExactly(2, 0);
        assertThat(Ordering.argMin(X, 1).toLongs()).containsExactly(2, 2);
        assertThat(Ordering.argMax(X, 0).toLongs()).containsExactly(0, 1, 0);
        assertThat(Ordering.argMax(X, -1).dtype()).isEqualTo(DType.I64);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ordering.argMax(Tensor.zeros(DType.F32, Shape.of(2, 0)), -1))
                .withMessage("argMax: axis -1 of [2, 0] is empty");
    }

    @Test
    void sortsWithNaNAndTies() {
        assertThat(Ordering.argSort(X, 1, false).toLongs()).containsExactly(1, 0, 2, 2, 0, 1);
        assertThat(Ordering.argSort(X, 1, true).toLongs()).containsExactly(2, 0, 1, 0, 1, 2);
        assertThat(Ordering.argSort(X, 0, false).toLongs()).containsExactly(1, 0, 1, 0, 1, 0);
        assertThat(Ordering.topK(X, 1, 2).toLongs()).containsExactly(2, 0, 0, 1);
        assertThat(Ordering.topK(X, 1, 0).shape()).isEqualTo(Shape.of(2, 0));
    }

    /** Against the JDK's stable sort, with many ties. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 7, 31, 33, 1000})
    void sortsAsTheStableSortOfTheJdk(int n) {
        double[] x = new double[n];
        new Philox(n).normals(0, x);
        for (int i = 0; i < n; i++) {
            x[i] = Math.rint(3 * x[i]) + 0.0; // no −0
        }
        Comparator<Integer> by = Comparator.comparingDouble(i -> x[i]);
        Tensor t = Tensor.of(x, n);
        assertThat(Ordering.argSort(t, 0, false).toLongs()).containsExactly(order(n, by));
        assertThat(Ordering.argSort(t, 0, true).toLongs()).containsExactly(order(n, by.reversed()));
    }

    private static long[] order(int n, Comparator<Integer> by) {
        return IntStream.range(0, n).boxed().sorted(by).mapToLong(i -> i).toArray();
    }
}
