package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TensorTextTest {
    @Test
    void valuesStandInTheBracketsOfTheirAxes() {
        assertThat(Tensor.of(new double[] {1, 2, 0.1, -4}, 2, 2).to(DType.F32))
                .hasToString("Tensor[2, 2] F32 [[1.0, 2.0], [0.1, -4.0]]");
        assertThat(Tensor.of(new double[] {0.1}, 1)).hasToString("Tensor[1] F64 [0.1]");
        assertThat(Tensor.of(new long[] {7, -8}, 2)).hasToString("Tensor[2] I64 [7, -8]");
        assertThat(Tensor.of(new double[] {3}, 1).sum(0)).hasToString("Tensor[] F64 3.0");
        assertThat(Tensor.zeros(DType.F32, Shape.of(0, 3))).hasToString("Tensor[0, 3] F32");
    }

    @Test
    void ofLongAxesBothEndsAreShown() {
        double[] numbers = new double[1000];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        assertThat(Tensor.of(numbers, 1000)).hasToString("Tensor[1000] F64 [0.0, 1.0, 2.0, …, 997.0, 998.0, 999.0]");
        assertThat(Tensor.of(numbers, 500, 2))
                .hasToString(
                        "Tensor[500, 2] F64 [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], …, [994.0, 995.0], [996.0, 997.0], [998.0, 999.0]]");
    }

    @Test
    void oneThatIsClosedHasNoValues() {
        Tensor x = Tensor.of(new double[] {1, 2}, 2);
        x.close();
        assertThat(x).hasToString("Tensor[2] F64");
    }
}
