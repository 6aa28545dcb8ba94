package dev.canonica.models.resnet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.canonica.autodiff.Autodiff;
import dev.canonica.autodiff.Linearization;
import dev.canonica.autodiff.Var;
import dev.canonica.models.Classifier;
import dev.canonica.models.Weights;
import dev.canonica.tensor.DType;
import dev.canonica.tensor.Philox;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A network whose norms are folded into its filters, beside itself. */
class FrozenResNetTest {
    /** Kinds of blocks, stems and shortcuts; norms with statistics and scales of their own. */
    enum Net {
        BASIC(new ResNetConfig(ResNetConfig.Block.BASIC, List.of(2, 1, 1), 5, 16, ResNetConfig.Stem.CIFAR, 1, 64)),
        BOTTLENECK(new ResNetConfig(
                ResNetConfig.Block.BOTTLENECK, List.of(1, 2, 1), 3, 8, ResNetConfig.Stem.IMAGENET, 2, 64)),
        DEEP(new ResNetConfig(
                ResNetConfig.Block.BASIC,
                List.of(1, 1, 1),
                0,
                8,
                ResNetConfig.Stem.DEEP,
                1,
                64,
                1,
                List.of(false, false, false),
                List.of(6, 7, 8),
                true));

        private final ResNetConfig config;

        Net(ResNetConfig config) {
            this.config = config;
        }

        ResNet network(DType type) {
            Map<String, Tensor> all = new LinkedHashMap<>();
            ResNetInitialiser.stateDict(config, 1).forEach((name, t) -> {
                Tensor own = t.to(DType.F64);
                if (name.contains("running_var")) {
                    own = positive(t.shape(), name);
                } else if (name.contains("running_mean") || name.contains("bn") && name.endsWith("bias")) {
                    own = noise(t.shape(), name).times(0.3);
                } else if (name.contains("bn") && name.endsWith("weight")) {
                    own = positive(t.shape(), name);
                }
                all.put(name, own.to(type));
            });
            return new ResNet(config, all);
        }

        Tensor images(DType type, int n) {
            return noise(Shape.of(n, config.inChannels(), 19, 17), "images").to(type);
        }

        private static Tensor noise(Shape shape, String name) {
            return Tensor.normal(DType.F64, shape, new Philox(3, name.hashCode()));
        }

        private static Tensor positive(Shape shape, String name) {
            return noise(shape, name).times(0.3).exp();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyLayerIsTheSameInDoublePrecision(Net net) {
        near(net, DType.F64, 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void everyLayerIsTheSameUpToRounding(Net net) {
        near(net, DType.F32, 2e-5);
    }

    private static void near(Net net, DType type, double tolerance) {
        ResNet plain = net.network(type);
        Classifier frozen = plain.frozen();
        Tensor x = net.images(type, 2);
        assertThat(frozen.layers()).isEqualTo(plain.layers());
        for (String layer : plain.layers()) {
            Linearization a = Autodiff.linearize((Var v) -> plain.features(v, layer), x);
            Linearization b = Autodiff.linearize((Var v) -> frozen.features(v, layer), x);
            near(layer, b.value(), a.value(), tolerance);
            Tensor v = Tensor.normal(type, x.shape().prepend(2), new Philox(5));
            near(layer + ", push", b.push(v), a.push(v), tolerance);
            Tensor u = Tensor.normal(type, a.value().shape().prepend(2), new Philox(6));
            near(layer + ", pull", b.pull(u)[0], a.pull(u)[0], tolerance);
        }
    }

    private static void near(String what, Tensor actual, Tensor expected, double tolerance) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        assertThat(actual.minus(expected).norm()).as(what).isLessThanOrEqualTo(tolerance * expected.norm());
        assertThat(expected.norm()).as(what).isPositive();
    }

    /** Asked for beside others, alone, in a batch and alone in it: the same bits. */
    @ParameterizedTest
    @EnumSource
    void aLayerIsTheSameWhateverElseIsAskedFor(Net net) {
        ResNet plain = net.network(DType.F32);
        FrozenResNet frozen = (FrozenResNet) plain.frozen();
        Tensor x = net.images(DType.F32, 3);
        Map<String, Var> together = plain.forward(
                Weights.constant(plain.parameters()), Var.constant(x), plain.layers(), frozen.norm(Var.constant(x)));
        assertThat(together.keySet()).containsExactlyElementsOf(plain.layers());
        together.forEach((layer, v) -> {
            assertThat(frozen.features(Var.constant(x), layer).value().toFloats())
                    .as(layer)
                    .isEqualTo(v.value().toFloats());
            assertThat(frozen.features(Var.constant(x.rows(1, 2)), layer)
                            .value()
                            .toFloats())
                    .as(layer)
                    .isEqualTo(v.value().rows(1, 2).toFloats());
        });
    }

    /** What is found beside derivatives, as by an attack, is what anybody else finds. */
    @ParameterizedTest
    @EnumSource
    void valuesAreTheSameBitsWithAndWithoutDerivatives(Net net) {
        Classifier frozen = net.network(DType.F32).frozen();
        Tensor x = net.images(DType.F32, 2);
        for (String layer : frozen.layers()) {
            Tensor value = frozen.features(Var.constant(x), layer).value();
            assertThat(Autodiff.linearize((Var v) -> frozen.features(v, layer), x)
                            .value()
                            .toFloats())
                    .as(layer)
                    .isEqualTo(value.toFloats());
        }
    }

    /** Norms are taken as they were; who freezes within a scope keeps the network beyond it. */
    @Test
    void weightsAreTakenAsTheyAre() {
        ResNet plain = Net.BASIC.network(DType.F32);
        Tensor x = Net.BASIC.images(DType.F32, 1);
        Classifier frozen;
        try (Scope _ = Scope.open()) {
            frozen = plain.frozen();
        }
        float[] before = frozen.features(Var.constant(x), "layer1").value().toFloats();
        Tensor scale = plain.parameters().get("bn1.weight");
        scale.assign(scale.times(2));
        assertThat(frozen.features(Var.constant(x), "layer1").value().toFloats())
                .isEqualTo(before);
        assertThat(plain.frozen().features(Var.constant(x), "layer1").value().toFloats())
                .isNotEqualTo(before);
    }
}
