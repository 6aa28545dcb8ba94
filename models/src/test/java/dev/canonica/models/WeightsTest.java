package dev.canonica.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.Convolutions;
import dev.canonica.autodiff.Var;
import dev.canonica.models.dit.Dit;
import dev.canonica.models.dit.DitConfig;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.ProductPrecision;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.operation.Convolution;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class WeightsTest {
    private static final Tensor X = Tensor.normal(DType.F32, Shape.of(1, 48, 8, 8), new Philox(1));

    /** As filters that are said to be reused; where kernels pack nothing, neither takes memory. */
    @Test
    void constantFiltersAreReused() {
        Session.current().withMemoryLimit(1L << 30).run(() -> {
            // closed at the end, so that the collector takes none of them in between
            try (Tensor plain = filters();
                    Tensor reused = filters().reused();
                    Tensor constant = filters()) {
                Weights weights = Weights.constant(Map.of("conv.weight", constant));
                assertThat(kept(() -> Var.constant(plain))).isZero();
                long expected = kept(() -> Var.constant(reused));
                assertThat(kept(() -> weights.filters("conv.weight"))).isEqualTo(expected);
            }
        });
    }

    private static Tensor filters() {
        try (Scope scope = Scope.open()) {
            return scope.keep(Tensor.normal(DType.F32, Shape.of(48, 48, 3, 3), new Philox(2)));
        }
    }

    /** Bytes that three convolutions leave behind. */
    private static long kept(Supplier<Var> w) {
        long before = X.device().liveBytes();
        for (int i = 0; i < 3; i++) {
            try (Scope scope = Scope.open()) {
                Convolutions.convolution(Convolution.same(3), Var.constant(X), w.get());
            }
        }
        return X.device().liveBytes() - before;
    }

    /** The embedding of patches is a convolution that is computed as a product: its filters are not asked for as a reused matrix. */
    @Test
    void patchesAreNotRounded() {
        Dit dit = Dit.initialised(new DitConfig(8, 2, 4, 64, 1, 2, 4, 0.1, 10, false), 0);
        Tensor x = Tensor.normal(DType.F32, dit.sampleShape().prepend(1), new Philox(1));
        Supplier<float[]> patches =
                () -> dit.features(Var.constant(x), DenoisingModel.times(500), Condition.classes(0), "x_embedder.proj")
                        .value()
                        .toFloats();
        Session rounding = Session.current().withPrecision(ProductPrecision.BF16);
        assertThat(rounding.call(patches::get)).isEqualTo(patches.get());
    }
}
