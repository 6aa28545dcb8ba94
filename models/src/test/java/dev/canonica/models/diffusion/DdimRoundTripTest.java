package dev.canonica.models.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.models.ModelException;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.NonFiniteException;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * With a network that knows the one ε that all was made with, DDIM is linear: x at every level is √ᾱ x₀ + √(1 − ᾱ) ε, and inversion followed by sampling
 * gives x₀ back, whatever the network predicts. Where a prediction leaves a step undetermined, it is refused.
 */
class DdimRoundTripTest {
    private static final NoiseSchedule PLAIN = NoiseSchedule.scaledLinear(1000, 0.00085, 0.012);
    private static final NoiseSchedule ZERO_SNR = PLAIN.withZeroTerminalSnr();
    private static final Tensor X0 = Tensor.normal(DType.F64, Shape.of(1, 3, 8, 8), new Philox(1));
    private static final Tensor EPSILON = Tensor.normal(DType.F64, Shape.of(1, 3, 8, 8), new Philox(2));

    /** The prediction whose ε̂ and x̂₀ are the true ones of an x at the ᾱ of a timestep. */
    private static Denoiser exact(Prediction prediction, DoubleUnaryOperator alphaBar) {
        return (x, t) -> {
            double[] target = prediction.target(alphaBar.applyAsDouble(t));
            return X0.times(target[0]).accumulate(target[1], EPSILON);
        };
    }

    private static double[] at(double alphaBar) {
        return X0.times(Math.sqrt(alphaBar))
                .accumulate(Math.sqrt(1 - alphaBar), EPSILON)
                .toDoubles();
    }

    @ParameterizedTest
    @EnumSource(Prediction.class)
    void invertThenSampleGivesTheImageBack(Prediction prediction) {
        for (NoiseSchedule schedule : new NoiseSchedule[] {PLAIN, ZERO_SNR}) {
            for (String spacing : new String[] {"guided", "leading", "trailing"}) {
                for (boolean alphaToOne : new boolean[] {true, false}) {
                    roundTrip(prediction, schedule, spacing, alphaToOne);
                }
            }
        }
    }

    private static void roundTrip(Prediction prediction, NoiseSchedule schedule, String spacing, boolean alphaToOne) {
        Levels levels = Levels.of(schedule, 10, spacing, 0, alphaToOne);
        DdimSampler sampler = new DdimSampler(levels, prediction, SamplerConfig.NO_CLIP);
        Denoiser denoiser = exact(prediction, t -> schedule.alphaBar((int) t));
        int last = sampler.last();
        boolean noiseAlone = levels.alphaBar(last) == 0;
        if (prediction == Prediction.EPSILON && noiseAlone) {
            assertThatThrownBy(() -> sampler.sample(denoiser, EPSILON, last))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("timestep 999")
                    .hasMessageContaining("v_prediction or sample");
            return;
        }
        if (prediction == Prediction.SAMPLE && alphaToOne) {
            assertThatThrownBy(() -> sampler.invert(denoiser, X0, last, DdimSampler.Inversion.DIFFUSERS))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("prediction sample")
                    .hasMessageContaining("--inversion guided");
        } else {
            // without alphaToOne, the image is taken to be at ᾱ₀
            Tensor x0 = Tensor.of(at(levels.before(0)), 1, 3, 8, 8);
            Denoiser below = exact(prediction, t -> levels.before(level(levels, t)));
            Tensor latent = sampler.invert(below, x0, last, DdimSampler.Inversion.DIFFUSERS);
            assertThat(latent.toDoubles()).containsExactly(at(levels.alphaBar(last)), within(1e-12));
            assertThat(sampler.sample(denoiser, latent, last).toDoubles())
                    .containsExactly(x0.toDoubles(), within(1e-11));
        }
        Tensor begin = Tensor.of(at(levels.alphaBar(0)), 1, 3, 8, 8);
        Tensor guided = sampler.invert(denoiser, begin, last, DdimSampler.Inversion.GUIDED);
        assertThat(guided.toDoubles()).containsExactly(at(levels.alphaBar(last)), within(1e-12));
        assertThat(sampler.sample(denoiser, guided, last).toDoubles())
                .containsExactly(at(levels.before(0)), within(1e-11));
    }

    private static int level(Levels levels, double timestep) {
        return IntStream.range(0, levels.count())
                .filter(i -> levels.timestep(i) == timestep)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aStepThatIsNotFiniteIsNamed() {
        DdimSampler sampler = SamplerConfig.DIT.sampler(10);
        Denoiser fails = (x, t) -> x.times(t == 500 ? Double.NaN : 0);
        assertThatThrownBy(() -> sampler.sample(fails, X0, 9))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageStartingWith("sampler: after the step at timestep 500 the latent is NaN at [0, 0, 0, 0]");
        assertThatThrownBy(() -> sampler.invert(fails, X0, 9, DdimSampler.Inversion.GUIDED))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageContaining("timestep 500");
        Tensor begin = X0.times(Double.POSITIVE_INFINITY);
        assertThatThrownBy(() -> sampler.sample((x, t) -> x, begin, 9))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageStartingWith("sampler: the latent to begin with is");
    }
}
