package dev.canonica.models.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The flow from noise N(0, 1) to data N(0, S²), whose velocity and whose paths are known. */
class FlowSamplerTest {
    private static final double S = 0.3;
    private static final double[] X0 = {0.4, -1.3, 0.02};

    /** E[data − noise | x_t] = x (t S² − (1 − t)) / σ_t², σ_t² = t² S² + (1 − t)²; paths are x_t = x_0 σ_t / σ_0. */
    private static final Denoiser EXACT = (x, t) -> x.times((t * S * S - (1 - t)) / (sigma(t) * sigma(t)));

    private static double sigma(double t) {
        return Math.hypot(t * S, 1 - t);
    }

    private static Tensor x0() {
        return Tensor.of(X0, 1, 1, 1, 3);
    }

    @Test
    void levelsGoFromDataToNoise() {
        FlowSampler flow = new FlowSampler(8);
        assertThat(flow.last()).isEqualTo(8);
        assertThat(flow.time(0)).isEqualTo(1);
        assertThat(flow.time(6)).isEqualTo(0.25);
        assertThat(flow.time(8)).isZero();
        assertThat(flow.at(1)).isEqualTo(8);
        assertThat(flow.at(0.75)).isEqualTo(6);
        assertThat(flow.at(0)).isZero();
        assertThat(flow.describe(6)).isEqualTo("t = 0.2500");
    }

    /** Where the velocity is the same everywhere, Euler's steps are exact: the latent at level m is x₀ − (m/S) v. */
    @Test
    void stepsGoAlongTheVelocity() {
        FlowSampler flow = new FlowSampler(8);
        Denoiser same = (x, t) -> Tensor.of(new double[] {1, 2, -4}, 1, 1, 1, 3);
        Tensor latent = flow.invert(same, x0(), 6, DdimSampler.Inversion.GUIDED);
        assertThat(latent.toDoubles()).containsExactly(new double[] {0.4 - 0.75, -1.3 - 1.5, 0.02 + 3}, within(1e-14));
        assertThat(flow.sample(same, latent, 6).toDoubles()).containsExactly(X0, within(1e-14));
    }

    /** Each step asks for the velocity where it begins. */
    @Test
    void asksWhereAStepBegins() {
        FlowSampler flow = new FlowSampler(4);
        List<Double> times = new ArrayList<>();
        Denoiser listening = (x, t) -> {
            times.add(t);
            return x;
        };
        flow.invert(listening, x0(), 3, DdimSampler.Inversion.GUIDED);
        assertThat(times).containsExactly(1.0, 0.75, 0.5);
        times.clear();
        flow.sample(listening, x0(), 4);
        assertThat(times).containsExactly(0.0, 0.25, 0.5, 0.75);
    }

    @Test
    void bothWaysAreOfFirstOrder() {
        double[] inverted = new double[4];
        double[] sampled = new double[4];
        for (int i = 0; i < 4; i++) {
            FlowSampler flow = new FlowSampler(40 << i);
            int m = flow.at(0.75);
            double factor = sigma(0.25) / S;
            inverted[i] = error(flow.invert(EXACT, x0(), m, DdimSampler.Inversion.GUIDED), factor);
            sampled[i] = error(flow.sample(EXACT, x0().times(factor), m), 1);
        }
        for (double[] errors : List.of(inverted, sampled)) {
            assertThat(errors[0]).isBetween(1e-4, 0.2);
            for (int i = 1; i < errors.length; i++) {
                assertThat(errors[i - 1] / errors[i]).as("halving the steps").isBetween(1.75, 2.25);
            }
        }
    }

    /** The greatest error relative to {@code factor} x₀. */
    private static double error(Tensor x, double factor) {
        double[] got = x.toDoubles();
        double worst = 0;
        for (int i = 0; i < X0.length; i++) {
            worst = Math.max(worst, Math.abs(got[i] / (factor * X0[i]) - 1));
        }
        return worst;
    }

    @Test
    void theVisitorSeesEveryLevelAndTheWayDownCanBeCut() {
        FlowSampler flow = new FlowSampler(8);
        List<Integer> levels = new ArrayList<>();
        double[] whole =
                flow.sample(EXACT, x0(), 5, (level, x) -> levels.add(level)).toDoubles();
        assertThat(levels).containsExactly(5, 4, 3, 2, 1, 0);
        Tensor between = flow.descend(EXACT, x0(), 5, 2);
        assertThat(Arrays.equals(flow.sample(EXACT, between, 2).toDoubles(), whole))
                .isTrue();
    }

    @Test
    void refusesWhatItCannotDo() {
        assertThatThrownBy(() -> new FlowSampler(8).invert(EXACT, x0(), 1, DdimSampler.Inversion.DIFFUSERS))
                .isInstanceOf(ModelException.class)
                .hasMessage("inversion: a flow is asked for its velocity where a step begins, which is 'guided'");
        assertThatThrownBy(() -> new FlowSampler(0)).hasMessage("steps: 0; at least 1 is needed");
    }
}
