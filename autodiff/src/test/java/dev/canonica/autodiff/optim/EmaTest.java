package dev.canonica.autodiff.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EmaTest {
    @Test
    void followsTheFormulaWithItsWarmup() {
        Tensor x = Tensor.of(new double[] {1, 2, 3}, 3);
        Ema ema = new Ema(Map.of("x", x), 0.5);
        double[] shadow = x.toDoubles();
        for (int t = 0; t < 20; t++) {
            x.assign(Tensor.normal(DType.F64, Shape.of(3), new Philox(7, t)));
            ema.update(Map.of("x", x));
            double d = Math.min(0.5, (1.0 + t) / (10.0 + t)); // 0.1 first, 0.5 from t = 8 on
            double[] now = x.toDoubles();
            for (int i = 0; i < 3; i++) {
                shadow[i] = d * shadow[i] + (1 - d) * now[i];
                assertThat(ema.shadow().get("x").toDoubles()[i]).isCloseTo(shadow[i], within(1e-14));
            }
        }
    }

    @Test
    void startsFromACopy() {
        Tensor x = Tensor.of(new float[] {1, 2}, 2);
        Ema ema = new Ema(Map.of("x", x), 0.9);
        x.assign(Tensor.of(new float[] {5, 6}, 2));
        assertThat(ema.shadow().get("x").toFloats()).containsExactly(1, 2);
    }

    @Test
    void resumesFromAStateBitForBit() {
        Tensor x = Tensor.normal(DType.F32, Shape.of(33), new Philox(1));
        Ema ema = new Ema(Map.of("x", x), 0.999);
        ema.update(Map.of("x", Tensor.normal(DType.F32, Shape.of(33), new Philox(2))));
        Ema resumed = new Ema(Map.of("x", x), 0.999);
        resumed.restore(ema.state());
        Tensor next = Tensor.normal(DType.F32, Shape.of(33), new Philox(3));
        ema.update(Map.of("x", next));
        resumed.update(Map.of("x", next));
        assertThat(resumed.shadow().get("x").toFloats())
                .isEqualTo(ema.shadow().get("x").toFloats());
        assertThat(ema.state().keySet()).containsExactly("step", "shadow.x");
    }

    @Test
    void refusesWhatDoesNotFit() {
        Ema ema = new Ema(Map.of("x", Tensor.zeros(DType.F32, Shape.of(2))), 0.9);
        assertThatThrownBy(() -> ema.update(Map.of())).hasMessage("Ema: parameter 'x' is missing");
        assertThatThrownBy(() -> ema.update(Map.of("x", Tensor.zeros(DType.F32, Shape.of(2, 1)))))
                .hasMessage("Ema: parameter 'x' is F32 [2, 1], needed F32 [2]");
        assertThatThrownBy(() -> new Ema(Map.of(), 1)).hasMessage("Ema: the decay must lie in [0, 1): 1.0");
    }
}
