package dev.canonica.models.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * DDIM on Gaussian data x₀ ~ N(0, s²), of which everything is known: ε̂ = √(1 − ᾱ) x / v with v = ᾱ s² + 1 − ᾱ, and the flow that DDIM
 * discretises takes x at ᾱ to x √(v'/v) at ᾱ'. Its steps are Euler's, so that the error is of first order.
 */
class DdimGaussianTest {
    private static final double S = 0.4;
    private static final double[] X0 = {0.7, -0.2, 0.05, 1.1};
    private static final NoiseSchedule SCHEDULE = SamplerConfig.DIT.noiseSchedule();

    @ParameterizedTest
    @EnumSource(DdimSampler.Inversion.class)
    void inversionIsOfFirstOrder(DdimSampler.Inversion inversion) {
        double[] errors = new double[3];
        for (int i = 0; i < 3; i++) {
            DdimSampler sampler = sampler(50 << i);
            int m = sampler.at(0.8);
            double from = inversion == DdimSampler.Inversion.GUIDED ? variance(sampler, 0) : S * S;
            Tensor latent = sampler.invert(denoiser(Prediction.EPSILON), x0(), m, inversion);
            errors[i] = error(latent, Math.sqrt(variance(sampler, m) / from));
        }
        firstOrder(errors);
    }

    @Test
    void samplingIsOfFirstOrder() {
        double[] errors = new double[3];
        for (int i = 0; i < 3; i++) {
            DdimSampler sampler = sampler(50 << i);
            int m = sampler.at(0.8);
            Tensor image = sampler.sample(denoiser(Prediction.EPSILON), x0(), m);
            errors[i] = error(image, S / Math.sqrt(variance(sampler, m)));
        }
        firstOrder(errors);
    }

    /** The image is taken for one at level 0 and comes back from it to ᾱ = 1, or is taken for a clean one. */
    @ParameterizedTest
    @EnumSource(DdimSampler.Inversion.class)
    void roundTripIsOfFirstOrder(DdimSampler.Inversion inversion) {
        double[] errors = new double[3];
        for (int i = 0; i < 3; i++) {
            DdimSampler sampler = sampler(50 << i);
            int m = sampler.at(0.8);
            Denoiser denoiser = denoiser(Prediction.EPSILON);
            Tensor image = sampler.sample(denoiser, sampler.invert(denoiser, x0(), m, inversion), m);
            double exact = inversion == DdimSampler.Inversion.GUIDED ? S / Math.sqrt(variance(sampler, 0)) : 1;
            errors[i] = error(image, exact);
        }
        firstOrder(errors);
    }

    /** The three predictions are the same knowledge, so that the steps are the same. */
    @ParameterizedTest
    @EnumSource(Prediction.class)
    void predictionsAgree(Prediction prediction) {
        DdimSampler epsilon = sampler(25);
        DdimSampler other = new DdimSampler(epsilon.levels(), prediction, SamplerConfig.NO_CLIP);
        double[] want = epsilon.invert(denoiser(Prediction.EPSILON), x0(), 20, DdimSampler.Inversion.GUIDED)
                .toDoubles();
        double[] got = other.invert(denoiser(prediction), x0(), 20, DdimSampler.Inversion.GUIDED)
                .toDoubles();
        for (int i = 0; i < want.length; i++) {
            assertThat(got[i]).isCloseTo(want[i], within(1e-12));
        }
    }

    private static DdimSampler sampler(int steps) {
        return SamplerConfig.DIT.sampler(steps);
    }

    private static Tensor x0() {
        return Tensor.of(X0, 1, 1, 2, 2);
    }

    private static double variance(double alphaBar) {
        return alphaBar * S * S + 1 - alphaBar;
    }

    private static double variance(DdimSampler sampler, int level) {
        return variance(sampler.levels().alphaBar(level));
    }

    /** The exact conditional expectations. */
    private static Denoiser denoiser(Prediction prediction) {
        return (x, t) -> {
            double alphaBar = SCHEDULE.alphaBar((int) t);
            double epsilon = Math.sqrt(1 - alphaBar) / variance(alphaBar);
            double clean = Math.sqrt(alphaBar) * S * S / variance(alphaBar);
            return x.times(
                    switch (prediction) {
                        case EPSILON -> epsilon;
                        case SAMPLE -> clean;
                        case V_PREDICTION -> Math.sqrt(alphaBar) * epsilon - Math.sqrt(1 - alphaBar) * clean;
                    });
        };
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

    private static void firstOrder(double... errors) {
        assertThat(errors[0]).isBetween(1e-4, 0.2);
        for (int i = 1; i < errors.length; i++) {
            assertThat(errors[i - 1] / errors[i]).as("halving the steps").isBetween(1.75, 2.25);
        }
    }
}
