package dev.canonica.autodiff.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GradientClippingTest {
    @Test
    void scalesToTheLimitAndNeverUp() {
        Map<String, Tensor> g = Map.of("a", Tensor.of(new float[] {3, 0}, 2), "b", Tensor.of(new float[] {4}, 1));
        assertThat(GradientClipping.byGlobalNorm(g, 1)).isEqualTo(new GradientClipping(5, 0.2));
        assertThat(GradientClipping.byGlobalNorm(g, 5)).isEqualTo(new GradientClipping(5, 1));
        assertThat(GradientClipping.byGlobalNorm(g, 100)).isEqualTo(new GradientClipping(5, 1));
        assertThat(GradientClipping.byGlobalNorm(Map.of(), 1)).isEqualTo(new GradientClipping(0, 1));
    }

    @Test
    void doesNotDependOnTheOrderOfTheMap() {
        Map<String, Tensor> forth = new LinkedHashMap<>();
        Map<String, Tensor> back = new LinkedHashMap<>();
        for (int i = 0; i < 33; i++) {
            forth.put("p" + i, gradient(i));
            back.put("p" + (32 - i), gradient(32 - i));
        }
        double norm = GradientClipping.byGlobalNorm(forth, 1).norm();
        assertThat(GradientClipping.byGlobalNorm(back, 1).norm()).isEqualTo(norm);
        double sum = 0;
        for (Tensor g : forth.values()) {
            for (double v : g.toDoubles()) {
                sum += v * v;
            }
        }
        assertThat(norm).isCloseTo(Math.sqrt(sum), within(1e-5));
    }

    private static Tensor gradient(int i) {
        return Tensor.normal(DType.F32, Shape.of(i, 3), new Philox(1, i));
    }

    @Test
    void aGradientThatIsNotFiniteIsRefusedByTheStep() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            Map<String, Tensor> g = Map.of("x", Tensor.of(new float[] {1, bad}, 2));
            GradientClipping clipping = GradientClipping.byGlobalNorm(g, 1);
            assertThat(Double.isFinite(clipping.norm())).isFalse();
            AdamW adam = new AdamW(Map.of("x", Tensor.zeros(DType.F32, Shape.of(2))), 0.9, 0.999, 1e-8, 0);
            assertThatThrownBy(() -> adam.step(g, 1, clipping.factor()))
                    .hasMessage("AdamW: the gradient scale is NaN; are the gradients finite?");
        }
    }

    @Test
    void refusesALimitThatIsNotPositive() {
        assertThatThrownBy(() -> GradientClipping.byGlobalNorm(Map.of(), 0))
                .hasMessage("gradient clipping: the limit must be positive: 0.0");
    }
}
