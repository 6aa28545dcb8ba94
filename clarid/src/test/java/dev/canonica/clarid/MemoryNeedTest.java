package dev.canonica.clarid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.Matrices;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Condition;
import dev.canonica.models.ModelException;
import dev.canonica.models.Weights;
import dev.canonica.models.diffusion.DdimSampler;
import dev.canonica.models.diffusion.SamplerConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an extraction needs, foretold from one sample and held to what a batch then takes. */
class MemoryNeedTest {
    private static final int RANK = 6;

    private final CanonicalExtraction kept = new CanonicalExtraction(
            TinyDit.make(),
            SamplerConfig.COSINE_V.sampler(10),
            4,
            DdimSampler.Inversion.GUIDED,
            "blocks.1",
            new RandomizedSvd(RANK, 0, 2, 0, 0, 0));

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void foretellsWhatABatchTakes(boolean rematerialise) {
        CanonicalExtraction extraction = rematerialise ? kept.rematerialising() : kept;
        MemoryNeed need = MemoryNeed.measure(extraction, extraction.model().sampleShape(), Condition.classes(0));
        assertThat(need.linearisation()).isPositive();
        assertThat(need.direction()).isPositive();
        int batch = 16;
        Tensor latent = Tensor.normal(
                extraction.model().dtype(), extraction.model().sampleShape().prepend(batch), new Philox(1));
        Device device = Device.byDefault();
        try (Scope scope = Scope.open()) {
            long before = device.liveBytes();
            device.resetPeak();
            extraction.directions(latent, Condition.classes(new long[batch]));
            double taken = device.peakBytes() - before;
            double foretold = need.total(batch, RANK) - need.parameters();
            assertThat(taken).isBetween(0.5 * foretold, 1.25 * foretold);
        }
    }

    /** Constant weights are packed while a network is first used, which is no sample's need. */
    @Test
    void isTheSameForANetworkInUse() {
        Weights w = Weights.constant(Map.of(
                "filters", Tensor.normal(DType.F32, Shape.of(128, 128, 3, 3), new Philox(1)),
                "matrix", Tensor.normal(DType.F32, Shape.of(256, 128 * 16), new Philox(2)),
                "bias", Tensor.zeros(DType.F32, Shape.of(256))));
        Tensor x = Tensor.normal(DType.F32, Shape.of(1, 128, 4, 4), new Philox(3));
        Function<Var, Var> network = v -> {
            Var y = Convolutions.convolution(Convolution.same(3), v, w.filters("filters"));
            return Matrices.linear(y.reshape(1, -1), w.get("matrix"), w.get("bias"));
        };
        Supplier<MemoryNeed> measured = () -> MemoryNeed.measure(
                Map.of(), x, () -> network.apply(Var.constant(x)), () -> Autodiff.linearize(network, x));
        MemoryNeed first = measured.get();
        MemoryNeed second = measured.get();
        long filters = 4L * 128 * 128 * 9;
        assertThat(first.linearisation()).isCloseTo(second.linearisation(), within(filters / 8));
        assertThat(first.direction()).isCloseTo(second.direction(), within(filters / 8));
    }

    @Test
    void computingAgainTakesLess() {
        MemoryNeed all = MemoryNeed.measure(kept, kept.model().sampleShape(), Condition.classes(0));
        MemoryNeed inputs =
                MemoryNeed.measure(kept.rematerialising(), kept.model().sampleShape(), Condition.classes(0));
        assertThat(inputs.linearisation()).isLessThan(all.linearisation());
    }

    @Test
    void computesAgainOnlyWhereAllDoesNotFit() {
        long limit = Device.byDefault().limitBytes();
        MemoryNeed little = new MemoryNeed(0, 1, 1);
        MemoryNeed much = new MemoryNeed(0, limit / 2, 1);
        RandomizedSvd svd = kept.svd();
        assertThat(MemoryNeed.rematerialises(svd, 2, "%d", again -> little)).isFalse();
        assertThat(MemoryNeed.rematerialises(svd, 2, "%d", again -> again ? little : much))
                .isTrue();
        assertThatThrownBy(() -> MemoryNeed.rematerialises(svd, 2, "a batch of %d fits", again -> much))
                .isInstanceOf(ModelException.class)
                .hasMessageEndingWith("; a batch of 1 fits");
    }

    @Test
    void refusesWithTheBatchThatFits() {
        long gibibyte = 1L << 30;
        MemoryNeed need = new MemoryNeed(2 * gibibyte, gibibyte, gibibyte / 4);
        assertThatCode(() -> need.require(2, 8, 8 * gibibyte, "")).doesNotThrowAnyException();
        assertThatThrownBy(() -> need.require(32, 8, 9 * gibibyte, "--batch %d fits"))
                .isInstanceOf(ModelException.class)
                .hasMessage("a batch of 32 needs about 98.0 GiB (parameters 2.0 GiB; for each image 1.0 GiB for the"
                        + " Jacobian and 2.0 GiB for 8 directions), allowed are 9.0 GiB; --batch 2 fits");
        assertThatThrownBy(() -> need.require(1, 8, 4 * gibibyte, "--batch %d fits"))
                .hasMessageEndingWith("allowed are 4.0 GiB; not even one image fits: choose an earlier layer or fewer"
                        + " directions, or -Dcanonica.memory=… where the machine has more");
    }
}
