package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GroupNormTest {
    private static final int GROUPS = 3;
    private static final int IN_GROUP = 30; // two channels of 15 pixels

    private final Tensor x =
            Tensor.normal(DType.F64, Shape.of(2, 6, 3, 5), new Philox(1)).affine(3, 2);

    @Test
    void groupsHaveMeanZeroAndVarianceOne() {
        Tensor groups = groupNorm(full(1), full(0)).reshape(2 * GROUPS, IN_GROUP);
        double[] variances = new double[2 * GROUPS];
        Arrays.fill(variances, IN_GROUP);
        assertThat(groups.sum(1).toDoubles()).containsExactly(new double[2 * GROUPS], within(1e-12));
        assertThat(groups.times(groups).sum(1).toDoubles()).containsExactly(variances, within(1e-3));
    }

    @Test
    void channelsAreScaledAndShifted() {
        Tensor scale = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 6);
        Tensor shift = Tensor.of(new double[] {6, 5, 4, 3, 2, 1}, 6);
        Tensor expected =
                groupNorm(full(1), full(0)).times(scale.reshape(6, 1, 1)).plus(shift.reshape(6, 1, 1));
        assertThat(groupNorm(scale, shift).toDoubles()).containsExactly(expected.toDoubles(), within(1e-12));
    }

    private Tensor groupNorm(Tensor scale, Tensor shift) {
        Var y = Normalisation.groupNorm(Var.constant(x), GROUPS, Var.constant(scale), Var.constant(shift), 1e-5);
        return y.value();
    }

    private static Tensor full(double v) {
        return Tensor.full(DType.F64, Shape.of(6), v);
    }
}
