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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SgdTest {
    @ParameterizedTest
    @CsvSource({
        "F64, 0, false, 0",
        "F64, 0.9, false, 0",
        "F64, 0.9, true, 0",
        "F64, 0.8, false, 0.05",
        "F64, 0.8, true, 0.05",
        "F32, 0, false, 0.05",
        "F32, 0.9, true, 0.05"
    })
    void followsTheAlgorithmElementByElement(DType type, double momentum, boolean nesterov, double decay) {
        int n = 17;
        double rate = 0.1;
        double scale = 0.5;
        Tensor x = Tensor.normal(type, Shape.of(n), new Philox(1));
        double[] expected = x.toDoubles();
        double[] b = new double[n];
        Sgd sgd = new Sgd(Map.of("x", x), momentum, nesterov, decay);
        for (int t = 0; t < 6; t++) {
            Tensor gradient = Tensor.normal(type, Shape.of(n), new Philox(2, t));
            double[] g = gradient.toDoubles();
            sgd.step(Map.of("x", gradient), rate, scale);
            double[] now = x.toDoubles();
            for (int i = 0; i < n; i++) {
                double d = scale * g[i] + decay * expected[i];
                b[i] = momentum * b[i] + d;
                expected[i] -= rate * (nesterov ? d + momentum * b[i] : b[i]);
                assertThat(now[i]).isCloseTo(expected[i], within(type == DType.F64 ? 1e-14 : 1e-6));
            }
        }
    }

    @Test
    void minimisesAQuadratic() {
        Tensor curvature = Tensor.of(new double[] {1, 0.1, 3}, 3);
        Tensor x = Tensor.of(new double[] {5, -4, 2}, 3);
        Sgd sgd = new Sgd(Map.of("x", x), 0.9, true, 0);
        for (int t = 0; t < 300; t++) {
            sgd.step(Map.of("x", curvature.times(x)), 0.1, 1);
        }
        assertThat(x.norm()).isLessThan(1e-4);
    }

    @Test
    void resumesFromAStateBitForBit() {
        Tensor x = Tensor.normal(DType.F32, Shape.of(33), new Philox(1));
        Sgd sgd = new Sgd(Map.of("x", x), 0.9, true, 0.01);
        sgd.step(gradient(0), 0.1, 1);
        Tensor y = Tensor.uninitialised(DType.F32, x.shape()).assign(x);
        Sgd resumed = new Sgd(Map.of("x", y), 0.9, true, 0.01);
        resumed.restore(sgd.state());
        sgd.step(gradient(1), 0.1, 1);
        resumed.step(gradient(1), 0.1, 1);
        assertThat(y.toFloats()).isEqualTo(x.toFloats());
        assertThat(sgd.state().keySet()).containsExactly("step", "b.x");
    }

    private static Map<String, Tensor> gradient(int t) {
        return Map.of("x", Tensor.normal(DType.F32, Shape.of(33), new Philox(5, t)));
    }

    @Test
    void refusesWhatDoesNotFit() {
        Sgd sgd = new Sgd(Map.of("x", Tensor.zeros(DType.F32, Shape.of(2))), 0, false, 0);
        assertThatThrownBy(() -> sgd.step(Map.of(), 1, 1)).hasMessage("Sgd: gradient 'x' is missing");
        assertThatThrownBy(() -> new Sgd(Map.of(), 1, false, 0))
                .hasMessage("Sgd: the momentum must lie in [0, 1): 1.0");
        assertThatThrownBy(() -> new Sgd(Map.of(), 0, false, -1))
                .hasMessage("Sgd: the decay must not be negative: -1.0");
    }
}
