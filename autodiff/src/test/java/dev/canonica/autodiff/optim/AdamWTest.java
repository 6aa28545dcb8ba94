package dev.canonica.autodiff.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Matrices;
import dev.canonica.autodiff.Reductions;
import dev.canonica.autodiff.Var;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdamWTest {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.95;
    private static final double EPSILON = 1e-6;
    private static final double DECAY = 0.1;

    /** The algorithm on one number, as it is written in the paper. */
    private static double[] reference(double x, double[] gradients, double rate, double scale) {
        double[] trajectory = new double[gradients.length];
        double m = 0;
        double v = 0;
        for (int t = 1; t <= gradients.length; t++) {
            double g = gradients[t - 1] * scale;
            m = BETA1 * m + (1 - BETA1) * g;
            v = BETA2 * v + (1 - BETA2) * g * g;
            double mHat = m / (1 - Math.pow(BETA1, t));
            double vHat = v / (1 - Math.pow(BETA2, t));
            x = x - rate * (mHat / (Math.sqrt(vHat) + EPSILON) + DECAY * x);
            trajectory[t - 1] = x;
        }
        return trajectory;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 17, 33, 65})
    void followsTheAlgorithmElementByElement(int n) {
        for (DType type : new DType[] {DType.F64, DType.F32}) {
            Philox random = new Philox(11, n);
            Tensor x = Tensor.normal(type, Shape.of(n), random);
            double[] start = x.toDoubles();
            AdamW adam = new AdamW(Map.of("x", x), BETA1, BETA2, EPSILON, DECAY);
            int steps = 5;
            double[][] g = new double[steps][];
            for (int t = 0; t < steps; t++) {
                Tensor gradient = Tensor.normal(type, Shape.of(n), random.stream(100 + t));
                g[t] = gradient.toDoubles();
                adam.step(Map.of("x", gradient), 0.01, 0.5);
                double[] now = x.toDoubles();
                for (int i = 0; i < n; i++) {
                    double[] gi = new double[t + 1];
                    for (int j = 0; j <= t; j++) {
                        gi[j] = g[j][i];
                    }
                    double expected = reference(start[i], gi, 0.01, 0.5)[t];
                    assertThat(now[i]).isCloseTo(expected, within(type == DType.F64 ? 1e-14 : 1e-6));
                }
            }
        }
    }

    @Test
    void firstStepWithoutDecayMovesByTheRate() {
        Tensor x = Tensor.of(new double[] {1, -2}, 2);
        AdamW adam = new AdamW(Map.of("x", x), 0.9, 0.999, 0, 0);
        adam.step(Map.of("x", Tensor.of(new double[] {30, -0.001}, 2)), 0.1, 1);
        double[] now = x.toDoubles();
        assertThat(now[0]).isCloseTo(0.9, within(1e-12)); // the bias corrections cancel: m̂/√v̂ is the gradient's sign
        assertThat(now[1]).isCloseTo(-1.9, within(1e-12));
    }

    @Test
    void resumesFromAStateBitForBit() {
        Tensor x = Tensor.normal(DType.F32, Shape.of(3, 17), new Philox(1));
        Tensor b = Tensor.normal(DType.F32, Shape.of(17), new Philox(2));
        AdamW adam = new AdamW(named(x, b), BETA1, BETA2, EPSILON, DECAY);
        for (int t = 0; t < 3; t++) {
            adam.step(gradients(t), 0.01, 1);
        }
        Tensor x2 = copy(x);
        Tensor b2 = copy(b);
        AdamW resumed = new AdamW(named(x2, b2), BETA1, BETA2, EPSILON, DECAY);
        resumed.restore(adam.state());
        for (int t = 3; t < 6; t++) {
            adam.step(gradients(t), 0.01, 1);
            resumed.step(gradients(t), 0.01, 1);
        }
        assertThat(x2.toFloats()).isEqualTo(x.toFloats());
        assertThat(b2.toFloats()).isEqualTo(b.toFloats());
        assertThat(adam.state().keySet()).containsExactly("step", "m.x", "m.b", "v.x", "v.b");
        assertThat(adam.state().get("step").toLongs()).containsExactly(6);
    }

    @Test
    void solvesLeastSquares() {
        Tensor a = Tensor.normal(DType.F32, Shape.of(64, 5), new Philox(3));
        Tensor truth = Tensor.of(new float[] {1, -2, 3, 0.5f, 0}, 5, 1);
        Tensor y = a.matmul(truth);
        Tensor w = Tensor.zeros(DType.F32, Shape.of(5, 1));
        AdamW adam = new AdamW(Map.of("w", w), 0.9, 0.999, 1e-8, 0);
        for (int t = 0; t < 600; t++) {
            Autodiff.Gradients g = Autodiff.grad(
                    v -> {
                        Var residual =
                                Matrices.matmul(Var.constant(a), v.get(0)).minus(Var.constant(y));
                        return Reductions.meanAll(residual.times(residual));
                    },
                    List.of(w));
            adam.step(Map.of("w", g.gradients().get(0)), 0.1 * Math.pow(0.99, t), 1);
        }
        assertThat(w.minus(truth).norm()).isLessThan(1e-3);
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor x = Tensor.zeros(DType.F32, Shape.of(2));
        AdamW adam = new AdamW(Map.of("x", x), 0.9, 0.999, 1e-8, 0);
        Tensor g = Tensor.zeros(DType.F32, Shape.of(2));
        assertThatThrownBy(() -> adam.step(Map.of(), 1, 1)).hasMessage("AdamW: gradient 'x' is missing");
        assertThatThrownBy(() -> adam.step(Map.of("x", g, "y", g), 1, 1))
                .hasMessage("AdamW: gradient 'y' belongs to no parameter");
        assertThatThrownBy(() -> adam.step(Map.of("x", Tensor.zeros(DType.F32, Shape.of(3))), 1, 1))
                .hasMessage("AdamW: gradient 'x' is F32 [3], needed F32 [2]");
        assertThatThrownBy(() -> adam.step(Map.of("x", Tensor.zeros(DType.F64, Shape.of(2))), 1, 1))
                .hasMessage("AdamW: gradient 'x' is F64 [2], needed F32 [2]");
        assertThatThrownBy(() -> adam.step(Map.of("x", g), 1, Double.NaN))
                .hasMessage("AdamW: the gradient scale is NaN; are the gradients finite?");
        assertThatThrownBy(() -> adam.restore(Map.of())).hasMessage("AdamW: state 'step' is missing");
        assertThatThrownBy(() -> new AdamW(Map.of(), 1, 0.9, 0, 0))
                .hasMessageContaining("betas must lie in [0, 1): 1.0");
        assertThat(adam.state().get("step").toLongs()).containsExactly(0); // a refused step is no step
    }

    private static Map<String, Tensor> named(Tensor x, Tensor b) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        named.put("x", x);
        named.put("b", b);
        return named;
    }

    private static Map<String, Tensor> gradients(int t) {
        return named(
                Tensor.normal(DType.F32, Shape.of(3, 17), new Philox(50, t)),
                Tensor.normal(DType.F32, Shape.of(17), new Philox(51, t)));
    }

    private static Tensor copy(Tensor t) {
        return Tensor.uninitialised(t.dtype(), t.shape()).assign(t);
    }
}
