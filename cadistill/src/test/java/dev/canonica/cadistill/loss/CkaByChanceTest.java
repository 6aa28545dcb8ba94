package dev.canonica.cadistill.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

/** What the biased alignments are by chance, beside the mean over every order of the rows; and what there is nothing to align with. */
class CkaByChanceTest {
    private static final int N = 5;
    private final Tensor x = Tensor.normal(DType.F64, Shape.of(N, 7), new Philox(1));
    private final Tensor y =
            Tensor.normal(DType.F64, Shape.of(N, 3), new Philox(2)).plus(4);

    private double mean(BinaryOperator<Var> measure) {
        List<int[]> orders = new ArrayList<>();
        orders(new int[N], 0, orders);
        return orders.stream()
                .mapToDouble(order -> {
                    Tensor index = Tensor.of(Arrays.stream(order).asLongStream().toArray(), N);
                    return measure.apply(Var.constant(x), Var.constant(y.gather(index)))
                            .value()
                            .item();
                })
                .average()
                .orElseThrow();
    }

    private static void orders(int[] order, int at, List<int[]> all) {
        if (at == N) {
            all.add(order.clone());
            return;
        }
        for (int i = 0; i < N; i++) {
            int row = i;
            if (Arrays.stream(order, 0, at).noneMatch(o -> o == row)) {
                order[at] = i;
                orders(order, at + 1, all);
            }
        }
    }

    @Test
    void isTheMeanOverAllOrders() {
        assertThat(Cka.linearByChance(x, y)).isCloseTo(mean(Cka::linear), within(1e-12));
        for (Cka.Bandwidth bandwidth : Cka.Bandwidth.values()) {
            assertThat(Cka.rbfByChance(x, y, bandwidth))
                    .isCloseTo(mean((a, b) -> Cka.rbf(a, b, bandwidth, false)), within(1e-12));
        }
        assertThat(Cka.rbfByChance(x, y, 1.5)).isCloseTo(mean((a, b) -> Cka.rbf(a, b, 1.5)), within(1e-12));
    }

    @Test
    void ofManyDirectionsItIsFarFromZero() {
        Tensor wide = Tensor.normal(DType.F32, Shape.of(64, 2048), new Philox(3));
        Tensor other = Tensor.normal(DType.F32, Shape.of(64, 512), new Philox(4));
        double found =
                Cka.linear(Var.constant(wide), Var.constant(other)).value().item();
        assertThat(Cka.linearByChance(wide, other))
                .isCloseTo(found, within(0.01))
                .isGreaterThan(0.9);
    }

    @Test
    void whatThereIsNothingToAlignWith() {
        Tensor same = Tensor.full(DType.F64, Shape.of(N, 2), 3);
        assertThat(Cka.degenerate(x)).isEmpty();
        assertThat(Cka.degenerateUnbiased(x)).isEmpty();
        assertThat(Cka.degenerate(x, Cka.Bandwidth.MEDIAN_OF_ALL)).isEmpty();
        assertThat(Cka.degenerate(same)).contains("all rows are the same");
        assertThat(Cka.degenerateUnbiased(same)).contains("all rows are the same");
        assertThat(Cka.linearByChance(same, y)).isZero();
        Tensor simplex = Tensor.of(new double[] {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, 4, 4);
        assertThat(Cka.degenerate(simplex)).isEmpty();
        assertThat(Cka.degenerateUnbiased(simplex).orElseThrow()).contains("rounding");
        Tensor twice = Tensor.of(new double[] {0, 0, 0, 0, 1}, 5, 1);
        assertThat(Cka.degenerate(twice)).isEmpty();
        assertThat(Cka.degenerate(twice, Cka.Bandwidth.MEDIAN_OF_PAIRS)).contains("the median distance of rows is 0");
        assertThat(Cka.rbfByChance(twice, y, Cka.Bandwidth.MEDIAN_OF_PAIRS)).isZero();
    }
}
