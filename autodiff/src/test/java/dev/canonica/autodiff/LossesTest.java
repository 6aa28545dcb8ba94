package dev.canonica.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossesTest {
    private static final Tensor LABELS = Tensor.of(new long[] {2, 0, 6, 2, 3}, 5);

    /** From the definition: −Σⱼ tⱼ log pⱼ with smoothed targets t. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 1})
    void crossEntropyIsThatOfSmoothedTargets(double smoothing) {
        Tensor x = Tensor.normal(DType.F64, Shape.of(5, 7), new Philox(3)).times(3);
        double[] v = x.toDoubles();
        long[] labels = LABELS.toLongs();
        double loss = 0;
        for (int b = 0; b < 5; b++) {
            double sum = 0;
            for (int j = 0; j < 7; j++) {
                sum += Math.exp(v[7 * b + j]);
            }
            for (int j = 0; j < 7; j++) {
                double target = smoothing / 7 + (j == labels[b] ? 1 - smoothing : 0);
                loss -= target * Math.log(Math.exp(v[7 * b + j]) / sum) / 5;
            }
        }
        Var y = Losses.crossEntropy(Var.constant(x), LABELS, smoothing);
        assertThat(y.shape()).isEqualTo(Shape.SCALAR);
        assertThat(y.value().item()).isCloseTo(loss, within(1e-13));
    }

    @Test
    void crossEntropyOfHugeLogitsIsFinite() {
        Tensor x = Tensor.of(new float[] {1e4f, 0, -1e4f, 0}, 2, 2);
        Var y = Losses.crossEntropy(Var.constant(x), Tensor.of(new long[] {0, 0}, 2));
        assertThat(y.value().item()).isEqualTo(5000);
    }

    @Test
    void logLikelihoodTakesEachRowsLabel() {
        Tensor l = Tensor.of(new double[] {-1, -2, -3, -4, -5, -6}, 3, 2);
        Var y = Losses.negativeLogLikelihood(Var.constant(l), Tensor.of(new long[] {1, 0, 1}, 3));
        assertThat(y.value().toDoubles()).containsExactly(2, 3, 6);
    }

    @Test
    void meanSquaredErrorOfKnownNumbers() {
        Var x = Var.constant(Tensor.of(new double[] {1, 2, 3, 4}, 2, 2));
        Var y = Var.constant(Tensor.of(new double[] {1, 0, 6, 4}, 2, 2));
        assertThat(Losses.meanSquaredError(x, y).value().item()).isEqualTo(13.0 / 4);
    }

    /** Values of PyTorch's cross_entropy in double precision. */
    @Test
    void weightsSmoothingAndIgnoredLabelsAreThoseOfPyTorch() {
        Var x = Var.constant(Tensor.of(new double[] {1, -2, 0.5, 0, 3, -1, 2, 2, 2, -1, 0, 1}, 4, 3));
        Tensor labels = Tensor.of(new long[] {2, 0, 1, 2}, 4);
        CrossEntropy weighted = CrossEntropy.PLAIN.withWeights(Tensor.of(new double[] {0.5, 2, 3}, 3));
        assertThat(Losses.crossEntropy(x, labels, weighted).value().item())
                .isCloseTo(0.9372676623029323, within(1e-15));
        assertThat(Losses.crossEntropy(x, labels, weighted.withSmoothing(0.3))
                        .value()
                        .item())
                .isCloseTo(1.0728149497963715, within(1e-15));
        assertThat(Losses.crossEntropy(x, labels, CrossEntropy.PLAIN.ignoring(2))
                        .value()
                        .item())
                .isCloseTo(2.0822480962127696, within(1e-15));
        assertThat(Losses.crossEntropy(x, labels, weighted.withSmoothing(0.3).ignoring(2))
                        .value()
                        .item())
                .isCloseTo(1.8406357905138, within(1e-14));
        Tensor outside = Tensor.of(new long[] {2, -100, 1, 2}, 4); // PyTorch's own mark, which is no class
        assertThat(Losses.crossEntropy(x, outside, CrossEntropy.PLAIN.ignoring(-100))
                        .value()
                        .item())
                .isFinite();
    }
}
