package dev.canonica.models.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Noise added without a network, and the image that a network's output says, for every kind of prediction. */
class SamplerSignalTest {
    private final Tensor x0 = Tensor.normal(DType.F64, Shape.of(2, 1, 4, 4), new Philox(1));
    private final Tensor noise = Tensor.normal(DType.F64, Shape.of(2, 1, 4, 4), new Philox(2));

    /** What is predicted without an error gives the image back. */
    @Test
    void anExactNetworkExpectsTheImage() {
        for (Prediction prediction : Prediction.values()) {
            Levels levels = Levels.of(NoiseSchedule.squaredCosine(1000), 20, "guided", 0, true);
            DdimSampler sampler = new DdimSampler(levels, prediction, Double.POSITIVE_INFINITY);
            double[] target = prediction.target(sampler.signal(7));
            Tensor output = x0.times(target[0]).accumulate(target[1], noise);
            Tensor x = sampler.noised(x0, noise, 7);
            assertThat(sampler.clean(x, output, 7).minus(x0).norm()).isLessThan(1e-12);
            double share = sampler.signal(7);
            Tensor expected = x0.times(Math.sqrt(share)).accumulate(Math.sqrt(1 - share), noise);
            assertThat(x.minus(expected).norm()).isLessThan(1e-12);
        }
        FlowSampler flow = new FlowSampler(10);
        Tensor x = flow.noised(x0, noise, 3);
        assertThat(x.minus(x0.times(0.7).accumulate(0.3, noise)).norm()).isLessThan(1e-12);
        assertThat(flow.clean(x, x0.minus(noise), 3).minus(x0).norm()).isLessThan(1e-12);
    }

    @Test
    void findsTheLevelOfASignal() {
        FlowSampler flow = new FlowSampler(10);
        assertThat(flow.signal(0)).isEqualTo(1);
        assertThat(flow.signal(5)).isCloseTo(0.5, within(1e-12));
        assertThat(flow.signal(10)).isZero();
        assertThat(flow.ofSignal(0.5)).isEqualTo(5);
        assertThat(flow.ofSignal(0)).isEqualTo(10);
        DdimSampler cosine = SamplerConfig.COSINE_V.sampler(20);
        assertThat(cosine.time(cosine.ofSignal(0.94))).isEqualTo(150);
        assertThat(cosine.time(cosine.ofSignal(0.79))).isEqualTo(300);
    }
}
